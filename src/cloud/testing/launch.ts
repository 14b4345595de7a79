/** A machine to try things on. */
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Caller } from '../../ec2/types.ts';
import { eventually, type TestCloud } from './open-test-cloud.ts';

export interface Launched {
  readonly instanceId: string;
  readonly rootVolumeId: string;
  /** Besides the root, by device name. */
  readonly dataVolumeIds: readonly string[];
}

/** Launches one instance of the base image, or as the input says, and waits until it runs. */
export async function launch(
  cloud: TestCloud,
  input: Partial<RunInstancesRequest> = {},
  as: Partial<Caller> = {},
): Promise<Launched> {
  const { Instances: [instance] = [] } = await cloud.call(
    'RunInstances',
    { ImageId: cloud.baseImageId, MinCount: 1, MaxCount: 1, InstanceType: 't3.micro', ...input },
    as,
  );
  const instanceId = instance?.InstanceId ?? '';
  const running = await inState(cloud, instanceId, 'running', as);
  const mappings = running?.BlockDeviceMappings ?? [];
  const volumes = mappings.map((mapping) => ({
    id: mapping.Ebs?.VolumeId ?? '',
    root: mapping.DeviceName === running?.RootDeviceName,
  }));
  return {
    instanceId,
    rootVolumeId: volumes.find((volume) => volume.root)?.id ?? '',
    dataVolumeIds: volumes.filter((volume) => !volume.root).map((volume) => volume.id),
  };
}

/** Waits until the instance is there. */
export async function inState(cloud: TestCloud, instanceId: string, state: string, as: Partial<Caller> = {}) {
  return await eventually(
    async () => {
      const { Reservations } = await cloud.call('DescribeInstances', { InstanceIds: [instanceId] }, as);
      return Reservations?.[0]?.Instances?.[0];
    },
    (instance) => instance?.State?.Name === state,
  );
}
