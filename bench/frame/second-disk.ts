/** A second disk of a machine, with data all over it, and where its bytes lie on the host. */
import { readRecord } from '../../src/node/machines/record.ts';
import { type BenchMachine, type OwnServer, until } from './own-server.ts';

const device = '/dev/sdf';

export interface DiskData {
  readonly sizeGiB: number;
  readonly writtenMiB: number;
}

/** Blocks at equal distances, of bytes that are not zero. */
export function spreadWrites(volumeId: string, { sizeGiB, writtenMiB }: DiskData): string {
  const blockMiB = Math.max(4, writtenMiB / 256);
  const blocks = writtenMiB / blockMiB;
  const disk = `/dev/disk/by-id/virtio-${volumeId.replace('-', '')}`;
  const stepMiB = Math.floor((sizeGiB * 1024) / blocks);
  return `sudo sh -c 'tr "\\0" x < /dev/zero | dd of=/tmp/x bs=1M count=${blockMiB} iflag=fullblock 2>/dev/null; n=0; while [ $n -lt ${blocks} ]; do dd if=/tmp/x of=${disk} bs=1M seek=$((n * ${stepMiB})) conv=notrunc 2>/dev/null || exit 1; n=$((n + 1)); done; sync'`;
}

/** That the machine writes to now. */
export async function writtenLayers(server: OwnServer, machine: BenchMachine): Promise<readonly string[]> {
  const record = await readRecord(server.instanceFolder(machine.id));
  return (record?.volumes ?? []).map(({ layerId }) => layerId);
}

export async function attachDisk(
  { ec2 }: OwnServer,
  machine: BenchMachine,
  sizeGiB: number,
): Promise<string> {
  const zone = machine.instance.Placement?.AvailabilityZone;
  const { VolumeId: volumeId = '' } = await ec2.createVolume({ Size: sizeGiB, AvailabilityZone: zone });
  await volumeState(ec2, volumeId, 'available');
  await ec2.attachVolume({ VolumeId: volumeId, InstanceId: machine.id, Device: device });
  await volumeState(ec2, volumeId, 'in-use');
  const disk = `/dev/disk/by-id/virtio-${volumeId.replace('-', '')}`;
  await machine.run(`n=0; until [ -e ${disk} ]; do sleep 0.2; n=$((n + 1)); [ $n -lt 300 ] || exit 1; done`);
  return volumeId;
}

async function volumeState(ec2: OwnServer['ec2'], volumeId: string, state: string): Promise<void> {
  await until(async () => {
    const { Volumes: [volume] = [] } = await ec2.describeVolumes({ VolumeIds: [volumeId] });
    const attached = volume?.Attachments?.[0]?.State ?? 'attached';
    return volume?.State === state && attached === 'attached' ? true : undefined;
  }, 50);
}
