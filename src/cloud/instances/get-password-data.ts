import type { GetPasswordDataRequest, GetPasswordDataResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { findInstance } from './find-instance.ts';

/** Empty, as EC2 answers for every machine that does not run Windows. */
export async function getPasswordData(
  cloud: Cloud,
  input: GetPasswordDataRequest,
  caller: Caller,
): Promise<GetPasswordDataResult> {
  const { instance_id: instanceId } = await findInstance(cloud, caller, input.InstanceId);
  endDryRun(input);
  return { InstanceId: instanceId, Timestamp: cloud.now(), PasswordData: '' };
}
