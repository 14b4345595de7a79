import { Ec2Fault } from './faults.ts';

/**
 * Ends a dry run. An operation calls it after its last check and before its first effect; with DryRun it
 * throws DryRunOperation (412), which tells the client that the call would have succeeded.
 */
export function endDryRun(input: { readonly DryRun?: boolean | undefined }): void {
  if (input.DryRun) {
    throw new Ec2Fault('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.');
  }
}
