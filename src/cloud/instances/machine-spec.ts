/** What the node is told of an instance, put together from its rows. */
import type { MachineSpec, VolumeSpec } from '../../node/contract.ts';
import type { Cloud } from '../cloud.ts';
import { wantedPorts } from '../network/wanted-ports.ts';
import type { VolumeRow } from '../volumes/record.ts';
import { findInstanceType } from './instance-types.ts';
import type { InstanceRow } from './record.ts';

export async function machineSpec(
  cloud: Cloud,
  instance: InstanceRow,
  volumes: readonly VolumeRow[],
): Promise<MachineSpec> {
  const type = findInstanceType(instance.instance_type);
  if (type === undefined) {
    throw new Error(
      `${instance.instance_id} has the type ${instance.instance_type}, which is not offered any more`,
    );
  }
  const subnet = await cloud.db.read
    .selectFrom('subnets')
    .select('cidr')
    .where('subnet_id', '=', instance.subnet_id)
    .executeTakeFirstOrThrow();
  return {
    instanceId: instance.instance_id,
    architecture: instance.architecture,
    firmware: instance.firmware,
    cpus: type.cpus,
    memoryMiB: type.memoryMiB,
    volumes: volumes.map(volumeSpec),
    network: {
      macAddress: instance.mac_address,
      privateAddress: instance.private_address,
      subnet: subnet.cidr,
      ports: await wantedPorts(cloud, instance),
    },
    seed: {
      hostname: hostname(instance),
      publicKeys: instance.public_key === null ? [] : [instance.public_key],
      ...(instance.user_data === null ? {} : { userData: instance.user_data }),
      region: instance.region,
      availabilityZone: instance.zone,
    },
  };
}

export function volumeSpec(volume: VolumeRow): VolumeSpec {
  return {
    volumeId: volume.volume_id,
    layerId: volume.layer_id,
    deviceName: volume.device_name ?? '',
    root: volume.is_root === 1,
  };
}

/** EC2's private name of an address: 'ip-172-31-5-20'. */
function hostname(instance: InstanceRow): string {
  return `ip-${instance.private_address.replaceAll('.', '-')}`;
}

/** The volumes of an instance, root first, then by device name, as the guest finds them. */
export async function volumesOf(cloud: Cloud, instanceId: InstanceRow['instance_id']): Promise<VolumeRow[]> {
  return await cloud.db.read
    .selectFrom('volumes')
    .selectAll()
    .where('instance_id', '=', instanceId)
    .orderBy('is_root', 'desc')
    .orderBy('device_name')
    .execute();
}
