import type {
  GetLaunchTemplateDataRequest,
  GetLaunchTemplateDataResult,
  Instance,
  ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { findInstance } from '../instances/find-instance.ts';
import type { InstanceRow } from '../instances/record.ts';
import { toInstances } from '../instances/to-instance.ts';
import type { VolumeRow } from '../volumes/record.ts';

/** A template with which a machine like this one can be launched. */
export async function getLaunchTemplateData(
  cloud: Cloud,
  input: GetLaunchTemplateDataRequest,
  caller: Caller,
): Promise<GetLaunchTemplateDataResult> {
  const row = await findInstance(cloud, caller, input.InstanceId);
  const [shown] = await toInstances(cloud, [row]);
  const volumes = await cloud.db.read
    .selectFrom('volumes')
    .selectAll()
    .where('instance_id', '=', row.instance_id)
    .orderBy('device_name')
    .execute();
  endDryRun(input);
  return { LaunchTemplateData: dataOf(row, shown?.instance ?? {}, volumes) };
}

function dataOf(
  row: InstanceRow,
  instance: Instance,
  volumes: readonly VolumeRow[],
): ResponseLaunchTemplateData {
  const tags = (instance.Tags ?? []).filter((tag) => tag.Key?.startsWith('aws:') !== true);
  return {
    ImageId: row.image_id,
    InstanceType: row.instance_type as NonNullable<ResponseLaunchTemplateData['InstanceType']>,
    ...(row.key_name === null ? {} : { KeyName: row.key_name }),
    ...(row.user_data === null ? {} : { UserData: Buffer.from(row.user_data).toString('base64') }),
    Placement: { AvailabilityZone: row.zone, GroupName: '', Tenancy: 'default' },
    Monitoring: { Enabled: false },
    EbsOptimized: false,
    DisableApiTermination: row.termination_protected === 1,
    DisableApiStop: row.stop_protected === 1,
    InstanceInitiatedShutdownBehavior: row.shutdown_behavior,
    BlockDeviceMappings: volumes.map((volume) => ({
      DeviceName: volume.device_name ?? undefined,
      Ebs: {
        DeleteOnTermination: volume.delete_on_termination === 1,
        Encrypted: false,
        ...(volume.snapshot_id === null ? {} : { SnapshotId: volume.snapshot_id }),
        VolumeSize: volume.size_gib,
        VolumeType: volume.volume_type as 'gp3',
      },
    })),
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        DeleteOnTermination: true,
        AssociatePublicIpAddress: true,
        Description: '',
        Groups: JSON.parse(row.security_groups) as string[],
        InterfaceType: 'interface',
        SubnetId: row.subnet_id,
        NetworkCardIndex: 0,
      },
    ],
    ...(tags.length === 0 ? {} : { TagSpecifications: [{ ResourceType: 'instance', Tags: tags }] }),
  };
}
