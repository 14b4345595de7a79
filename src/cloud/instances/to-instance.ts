/** Rows as EC2 shows them. */
import type { Instance, Tag } from '@aws-sdk/client-ec2';
import type { Cloud } from '../cloud.ts';
import { readTags } from '../tags/read-tags.ts';
import type { VolumeRow } from '../volumes/record.ts';
import { findInstanceType } from './instance-types.ts';
import { interfaceId } from './interface-id.ts';
import { metadataOptions } from './metadata-options.ts';
import { type InstanceRow, stateCodes } from './record.ts';

export interface InstanceParts {
  readonly volumes: readonly VolumeRow[];
  readonly tags: readonly Tag[];
  readonly groupNames: ReadonlyMap<string, string>;
}

export function toInstance(row: InstanceRow, parts: InstanceParts): Instance {
  const gone = row.state === 'terminated';
  const groups = (JSON.parse(row.security_groups) as string[]).map((id) => ({
    GroupId: id,
    GroupName: parts.groupNames.get(id),
  }));
  return {
    InstanceId: row.instance_id,
    ImageId: row.image_id,
    State: { Code: stateCodes[row.state], Name: row.state },
    InstanceType: row.instance_type as Instance['InstanceType'],
    KeyName: row.key_name ?? undefined,
    LaunchTime: new Date(row.launched_at),
    AmiLaunchIndex: row.launch_index,
    Placement: { AvailabilityZone: row.zone, GroupName: '', Tenancy: 'default' },
    Monitoring: { State: 'disabled' },
    Architecture: row.architecture,
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    RootDeviceName: row.root_device_name,
    RootDeviceType: 'ebs',
    BootMode: (row.boot_mode ?? undefined) as Instance['BootMode'],
    CurrentInstanceBootMode: row.firmware === 'uefi' ? 'uefi' : 'legacy-bios',
    ClientToken: row.client_token ?? '',
    EbsOptimized: row.ebs_optimized === 1,
    EnaSupport: row.ena_support === 1,
    SourceDestCheck: row.source_dest_check === 1,
    ...(row.sriov_net_support === null ? {} : { SriovNetSupport: row.sriov_net_support }),
    MetadataOptions: metadataOptions,
    HibernationOptions: { Configured: false },
    EnclaveOptions: { Enabled: false },
    MaintenanceOptions: { AutoRecovery: 'disabled' },
    ProductCodes: [],
    CpuOptions: { CoreCount: findInstanceType(row.instance_type)?.cpus ?? 1, ThreadsPerCore: 1 },
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    StateTransitionReason: row.transition_reason,
    ...(row.state_reason_code === null
      ? {}
      : { StateReason: { Code: row.state_reason_code, Message: row.state_reason_message ?? '' } }),
    PrivateDnsName: gone ? '' : `ip-${row.private_address.replaceAll('.', '-')}.ec2.internal`,
    PublicDnsName: row.public_address ?? '',
    ...(gone
      ? { BlockDeviceMappings: [], SecurityGroups: [], NetworkInterfaces: [] }
      : {
          PrivateIpAddress: row.private_address,
          ...(row.public_address === null ? {} : { PublicIpAddress: row.public_address }),
          VpcId: row.vpc_id,
          SubnetId: row.subnet_id,
          SecurityGroups: groups,
          BlockDeviceMappings: parts.volumes.map(blockDevice),
          NetworkInterfaces: [networkInterface(row, groups)],
        }),
    Tags: [...parts.tags],
  };
}

function blockDevice(volume: VolumeRow): NonNullable<Instance['BlockDeviceMappings']>[number] {
  return {
    DeviceName: volume.device_name ?? undefined,
    Ebs: {
      VolumeId: volume.volume_id,
      Status: volume.attachment_state === 'busy' ? 'detaching' : (volume.attachment_state ?? undefined),
      AttachTime: volume.attached_at === null ? undefined : new Date(volume.attached_at),
      DeleteOnTermination: volume.delete_on_termination === 1,
    },
  };
}

function networkInterface(
  row: InstanceRow,
  groups: readonly { GroupId: string; GroupName: string | undefined }[],
): NonNullable<Instance['NetworkInterfaces']>[number] {
  const association = { IpOwnerId: 'amazon', PublicDnsName: '', PublicIp: row.public_address ?? undefined };
  return {
    NetworkInterfaceId: interfaceId(row.instance_id),
    Attachment: {
      AttachmentId: `eni-attach-${row.instance_id.slice(2)}`,
      DeviceIndex: 0,
      NetworkCardIndex: 0,
      Status: 'attached',
      DeleteOnTermination: true,
      AttachTime: new Date(row.launched_at),
    },
    Description: '',
    Groups: [...groups],
    InterfaceType: 'interface',
    Ipv6Addresses: [],
    MacAddress: row.mac_address,
    OwnerId: row.owner_id,
    PrivateIpAddress: row.private_address,
    PrivateIpAddresses: [
      {
        Primary: true,
        PrivateIpAddress: row.private_address,
        ...(row.public_address === null ? {} : { Association: association }),
      },
    ],
    ...(row.public_address === null ? {} : { Association: association }),
    SourceDestCheck: row.source_dest_check === 1,
    Status: 'in-use',
    SubnetId: row.subnet_id,
    VpcId: row.vpc_id,
  };
}

/** Instances with all that belongs to them, in a few queries for all. */
export async function toInstances(
  cloud: Cloud,
  rows: readonly InstanceRow[],
): Promise<readonly { readonly row: InstanceRow; readonly instance: Instance }[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.instance_id);
  const volumes = await cloud.db.read
    .selectFrom('volumes')
    .selectAll()
    .where('instance_id', 'in', ids)
    .orderBy('is_root', 'desc')
    .orderBy('device_name')
    .execute();
  const groups = await cloud.db.read
    .selectFrom('security_groups')
    .select(['group_id', 'group_name'])
    .where('vpc_id', 'in', [...new Set(rows.map((row) => row.vpc_id))])
    .execute();
  const groupNames = new Map(groups.map((group) => [group.group_id, group.group_name]));
  const tags = await readTags(cloud.db.read, ids);
  const volumesOf = Map.groupBy(volumes, (volume) => volume.instance_id);
  return rows.map((row) => ({
    row,
    instance: toInstance(row, {
      volumes: volumesOf.get(row.instance_id) ?? [],
      tags: tags.get(row.instance_id) ?? [],
      groupNames,
    }),
  }));
}
