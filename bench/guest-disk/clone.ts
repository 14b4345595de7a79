/** The volumes: a written one, its snapshot, and a clone of that on the machine. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readRecord } from '../../src/node/machines/record.ts';
import { type BenchMachine, type OwnServer, until } from '../frame/own-server.ts';

const execute = promisify(execFile);
export const writtenMiB = 512;

/** A volume whose first half is written, snapshotted and gone. Answers with the snapshot. */
export async function fullVolume(server: OwnServer, machine: BenchMachine): Promise<string> {
  const { ec2 } = server;
  const zone = machine.instance.Placement?.AvailabilityZone;
  const { VolumeId: volumeId = '' } = await ec2.createVolume({ Size: 1, AvailabilityZone: zone });
  const disk = await attach(server, machine, volumeId, '/dev/sdf');
  await machine.run(
    `tr '\\0' x < /dev/zero | sudo dd of=${disk} bs=1M count=${writtenMiB} iflag=fullblock && sync`,
  );
  const { SnapshotId: snapshotId = '' } = await ec2.createSnapshot({ VolumeId: volumeId });
  await until(async () => {
    const { Snapshots: [snapshot] = [] } = await ec2.describeSnapshots({ SnapshotIds: [snapshotId] });
    return snapshot?.State === 'completed' ? true : undefined;
  }, 50);
  await ec2.detachVolume({ VolumeId: volumeId });
  return snapshotId;
}

export async function cloneOf(server: OwnServer, machine: BenchMachine, snapshotId: string) {
  const zone = machine.instance.Placement?.AvailabilityZone;
  const { VolumeId: volumeId = '' } = await server.ec2.createVolume({
    SnapshotId: snapshotId,
    AvailabilityZone: zone,
  });
  return { volumeId, disk: await attach(server, machine, volumeId, '/dev/sdg') };
}

/** The bytes that the clone starts with, as a raw file without holes. */
export async function layerOf(
  server: OwnServer,
  machine: BenchMachine,
  volumeId: string,
  folder: string,
): Promise<string> {
  const record = await readRecord(server.instanceFolder(machine.id));
  const volume = record?.volumes.find((one) => one.volumeId === volumeId);
  const layer = join(server.layersFolder, `${volume?.layerId}.qcow2`);
  const raw = join(folder, 'same-bytes.raw');
  await execute('qemu-img', ['convert', '-U', '-S', '0', '-O', 'raw', layer, raw]);
  return raw;
}

async function attach(
  { ec2 }: OwnServer,
  machine: BenchMachine,
  volumeId: string,
  device: string,
): Promise<string> {
  const state = (wanted: string) =>
    until(async () => {
      const { Volumes: [volume] = [] } = await ec2.describeVolumes({ VolumeIds: [volumeId] });
      const attachment = volume?.Attachments?.[0]?.State ?? 'attached';
      return volume?.State === wanted && attachment === 'attached' ? true : undefined;
    }, 50);
  await state('available');
  await ec2.attachVolume({ VolumeId: volumeId, InstanceId: machine.id, Device: device });
  await state('in-use');
  const disk = `/dev/disk/by-id/virtio-${volumeId.replace('-', '')}`;
  await machine.run(`n=0; until [ -e ${disk} ]; do sleep 0.2; n=$((n + 1)); [ $n -lt 300 ] || exit 1; done`);
  return disk;
}
