/** What CopyImage and CopySnapshot check alike: where from, and what this cloud has not. */
import { Ec2Fault } from '../../ec2/faults.ts';
import { invalidValue, missingParameter, unsupported } from '../../ec2/request-faults.ts';
import type { Cloud } from '../cloud.ts';

const shortestMinutes = 15;
const longestMinutes = 48 * 60;

export function checkedSourceRegion(cloud: Cloud, region: string | undefined): string {
  if (region === undefined || region === '') throw missingParameter('SourceRegion');
  if (cloud.config.regions.includes(region)) return region;
  throw new Ec2Fault(
    'InvalidRegion',
    `The region '${region}' does not exist. Regions: ${cloud.config.regions.join(', ')}.`,
  );
}

export function checkCopy(input: {
  readonly Encrypted?: boolean | undefined;
  readonly KmsKeyId?: string | undefined;
  readonly DestinationOutpostArn?: string | undefined;
  readonly DestinationAvailabilityZone?: string | undefined;
  readonly DestinationAvailabilityZoneId?: string | undefined;
}): void {
  // Packer sends an empty key id where it has none.
  if (isGiven(input.KmsKeyId) && input.Encrypted !== true) {
    throw new Ec2Fault(
      'InvalidParameterDependency',
      'The parameter KmsKeyId requires the parameter Encrypted to be set.',
    );
  }
  if (input.Encrypted === true) {
    throw unsupported('Encrypted snapshots are not offered by this cloud; leave Encrypted out');
  }
  if (isGiven(input.DestinationOutpostArn)) throw unsupported('This cloud has no Outposts');
  if (isGiven(input.DestinationAvailabilityZone) || isGiven(input.DestinationAvailabilityZoneId)) {
    throw unsupported('Snapshots belong to a region here, not to a zone; leave the destination zone out');
  }
}

function isGiven(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}

/** A time-based copy: what it promises is kept by a copy that is complete at once. */
export function checkCompletionMinutes(minutes: number | undefined, parameter: string): void {
  if (minutes === undefined) return;
  if (minutes % 15 === 0 && minutes >= shortestMinutes && minutes <= longestMinutes) return;
  throw invalidValue(
    minutes,
    parameter,
    `It must be a multiple of 15 from ${shortestMinutes} to ${longestMinutes}.`,
  );
}
