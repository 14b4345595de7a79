import type {
  ModifyInstanceMetadataOptionsRequest,
  ModifyInstanceMetadataOptionsResult,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { unsupported } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { findInstance } from './find-instance.ts';
import { metadataOptions } from './metadata-options.ts';

/** Serves what holds already; a metadata service that is asked for is refused, because there is none. */
export async function modifyInstanceMetadataOptions(
  cloud: Cloud,
  input: ModifyInstanceMetadataOptionsRequest,
  caller: Caller,
): Promise<ModifyInstanceMetadataOptionsResult> {
  const { instance_id: instanceId } = await findInstance(cloud, caller, input.InstanceId);
  if (input.HttpEndpoint === 'enabled' || input.InstanceMetadataTags === 'enabled') {
    throw unsupported(
      'This cloud has no instance metadata service; HttpEndpoint stays disabled. User data and keys reach a guest on its seed disk.',
    );
  }
  endDryRun(input);
  return { InstanceId: instanceId, InstanceMetadataOptions: metadataOptions };
}
