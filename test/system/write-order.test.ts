/** Images of machines that write to two volumes all the while: both volumes are of one instant. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { waitUntilImageAvailable } from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Guest, launchGuest } from './cloud-guests.ts';
import { type CloudHome, openCloudHome } from './cloud-home.ts';

const run = promisify(execFile);

/** Each number is on the disk of `a` before it goes to `b`, and on both before the next one is begun. */
const writer = `
n=0
while n=$((n + 1)); do
  for place in /a /b; do printf '%012d\\n' $n | dd of=$place/number conv=notrunc,fsync 2> /dev/null; done
done`;
/** Beside it, so that the file systems have more to do than one block. */
const load = 'while :; do dd if=/dev/urandom of=/a/load bs=64k count=64; sync; rm /a/load; done 2> /dev/null';

let home: CloudHome;
let withAgent: Guest;
let silent: Guest;
let failed = false;

beforeAll(async () => {
  home = await openCloudHome();
  const ImageId = await home.addBase('tiny');
  const blank = (DeviceName: string) => ({ DeviceName, Ebs: { VolumeSize: 1 } });
  const request = { ImageId, BlockDeviceMappings: [blank('/dev/sdf'), blank('/dev/sdg')] };
  [withAgent, silent] = await Promise.all([launchGuest(home.ec2, request), launchGuest(home.ec2, request)]);
  for (const { shell, instanceId } of [withAgent, silent]) {
    for (const [place, device] of [
      ['/a', '/dev/sdf'],
      ['/b', '/dev/sdg'],
    ] as const) {
      const disk = `/dev/disk/by-id/virtio-${(await volumeAt(instanceId, device)).replace('-', '')}`;
      await shell.run(`sudo mkfs.ext4 -q ${disk} && sudo mkdir ${place} && sudo mount ${disk} ${place}`);
      await shell.run(`echo 000000000000 | sudo tee ${place}/number && sync`);
    }
    for (const loop of [writer, load]) {
      const script = Buffer.from(loop).toString('base64');
      await shell.run(
        `echo ${script} | base64 -d > loop && (sudo setsid sh loop < /dev/null > /dev/null 2>&1 &) ; sleep 1`,
      );
    }
  }
  await silent.shell.run('sudo mv /usr/sbin/qemu-ga /usr/sbin/gone && sudo killall qemu-ga');
}, 600_000);
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});
afterAll(async () => {
  withAgent?.shell.close();
  silent?.shell.close();
  await home?.close({ keep: failed });
});

test.each([1, 2, 3])(
  'the order of writes is kept across volumes, round %i',
  { timeout: 600_000 },
  async (round) => {
    const before = await Promise.all([withAgent, silent].map(numberIn));
    expect(Math.min(...before)).toBeGreaterThan(0);
    const images = await Promise.all([
      takeImage(withAgent, `frozen-${round}`, false),
      takeImage(silent, `as-it-is-${round}`, true),
    ]);
    expect(images.map(({ consistency }) => consistency)).toEqual(['filesystem', 'crash']);
    for (const [index, image] of images.entries()) {
      const [a, b] = [await numberOn(image, '/dev/sdf'), await numberOn(image, '/dev/sdg')];
      // On b is what a has, or the one before it; and what was on both when the image was asked for.
      expect([a, a - 1]).toContain(b);
      expect(b).toBeGreaterThanOrEqual((before[index] ?? 0) - 1);
    }
  },
);

interface Taken {
  readonly consistency: string | undefined;
  readonly snapshots: ReadonlyMap<string, string>;
}

async function takeImage({ instanceId }: Guest, Name: string, NoReboot: boolean): Promise<Taken> {
  const { ImageId = '' } = await home.ec2.createImage({ InstanceId: instanceId, Name, NoReboot });
  const waiting = { client: home.ec2, maxWaitTime: 120, minDelay: 0.2, maxDelay: 0.5 };
  await waitUntilImageAvailable(waiting, { ImageIds: [ImageId] });
  const { Images: [image] = [] } = await home.ec2.describeImages({ ImageIds: [ImageId] });
  return {
    consistency: image?.Tags?.find((tag) => tag.Key === 'ingot:consistency')?.Value,
    snapshots: new Map(
      image?.BlockDeviceMappings?.map(({ DeviceName = '', Ebs }) => [DeviceName, Ebs?.SnapshotId ?? '']),
    ),
  };
}

/** What the image's volume holds, read by tools that know nothing of Ingot. */
async function numberOn({ consistency, snapshots }: Taken, device: string): Promise<number> {
  const layers = join(home.folder, 'nodes', 'node-1', 'layers');
  const raw = join(home.folder, 'volume.raw');
  const layer = join(layers, `${layerOf(snapshots.get(device) ?? '')}.qcow2`);
  await run('qemu-img', ['convert', '-U', '-O', 'raw', layer, raw]);
  // One that was frozen is clean as it is; any other is after its journal is replayed, as after a power cut.
  if (consistency !== 'filesystem') await run('e2fsck', ['-p', raw]).catch(onlyMended);
  await run('e2fsck', ['-fn', raw]);
  const { stdout } = await run('debugfs', ['-R', 'cat /number', raw]);
  await rm(raw);
  expect(stdout).toMatch(/^\d{12}\n$/);
  return Number(stdout);
}

function onlyMended(error: { readonly code?: number }): void {
  if (error.code !== 1) throw error;
}

function layerOf(snapshotId: string): string {
  const database = new DatabaseSync(join(home.folder, 'state.db'), { readOnly: true });
  try {
    const row = database.prepare('select layer_id from snapshots where snapshot_id = ?').get(snapshotId);
    return String(row?.layer_id);
  } finally {
    database.close();
  }
}

async function volumeAt(instanceId: string, device: string): Promise<string> {
  const { Reservations: [shown] = [] } = await home.ec2.describeInstances({ InstanceIds: [instanceId] });
  const mapping = shown?.Instances?.[0]?.BlockDeviceMappings?.find((one) => one.DeviceName === device);
  return mapping?.Ebs?.VolumeId ?? '';
}

async function numberIn({ shell }: Guest): Promise<number> {
  return Number(await shell.run('cat /b/number'));
}
