/** The real server: images that have nothing left but the vault, a copy without its source, and a flipped bit. */
import { createHash } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type EC2, waitUntilImageAvailable, waitUntilInstanceTerminated } from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { adminClient, answered } from '../../src/cli/admin-client.ts';
import { hostArchitecture } from '../../src/cli/bases.ts';
import { baseImages, withdrawBaseImages } from '../../src/cli/ec2/base-images.ts';
import { until } from '../../src/node/deadline.ts';
import { launchGuest } from './cloud-guests.ts';
import { type CloudHome, openCloudHome } from './cloud-home.ts';
import { bootDeadlineMs } from './node-guest-kit.ts';

const home0 = 'us-east-1';
const abroad = 'eu-west-1';
const blockBytes = 2 ** 19;
/** Two blocks of the data volume. */
const data = Buffer.alloc(2 * blockBytes, 'ingot\n');
const dataDigest = createHash('sha256').update(data).digest('hex');
const waiting = { maxWaitTime: bootDeadlineMs / 1000, minDelay: 1, maxDelay: 1 };

let home: CloudHome;
let us: EC2;
let eu: EC2;
let failed = false;
let imageId: string;
let copyId: string;

beforeAll(async () => {
  home = await openCloudHome([home0, abroad]);
  us = home.ec2In(home0);
  eu = home.ec2In(abroad);
  await home.addBase('tiny', hostArchitecture());
});

afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});

afterAll(async () => {
  await home.close({ keep: failed });
});

test('an image is stored in its region’s vault, and copied to another’s by what that one lacks', async () => {
  const [base] = await baseImages(us);
  const machine = await launch(us, base?.id, {
    BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1, DeleteOnTermination: true } }],
  });
  await machine.shell.run('echo kept | sudo tee /mark');
  // Of zeros in between nothing is stored; the same content twice is stored once.
  await machine.shell.run(
    `yes ingot | head -c ${data.length} | sudo dd of=${machine.dataDisk} bs=64k iflag=fullblock; sync`,
  );
  expect(await digestOnDisk(machine)).toBe(dataDigest);
  const { ImageId } = await us.createImage({ InstanceId: machine.instanceId, Name: 'source' });
  imageId = ImageId ?? '';
  await waitUntilImageAvailable({ client: us, ...waiting }, { ImageIds: [imageId] });
  await machine.end();

  const copy = await eu.copyImage({ Name: 'copy', SourceImageId: imageId, SourceRegion: home0 });
  copyId = copy.ImageId ?? '';
  await waitUntilImageAvailable({ client: eu, ...waiting }, { ImageIds: [copyId] });
  await allStored();
});

test('with source, volumes, parent image and all local disks gone, the image boots with its data', async () => {
  const names = (await baseImages(us)).map((base) => base.name);
  expect(await withdrawBaseImages(home.context, names)).toBe(2);
  await evictAll();
  const machine = await launch(us, imageId);
  expect(await machine.shell.run('cat /mark')).toBe('kept');
  expect(await digestOnDisk(machine)).toBe(dataDigest);
  await machine.end();
});

test('a flipped bit is never served; verify names the image, and the other region mends it', async () => {
  await evictAll();
  const name = createHash('sha256').update(data.subarray(0, blockBytes)).digest('hex');
  await flipBit(join(home.folder, 'vault', home0, 'chunks', name.slice(0, 2), name.slice(2, 4), name));
  const machine = await launch(us, imageId);
  expect(await machine.shell.run('cat /mark')).toBe('kept');
  await expect(digestOnDisk(machine)).rejects.toThrow();

  const found = await care('verify');
  expect(found.harmed).toMatchObject([{ blocks: 1, images: [{ imageId, name: 'source' }] }]);
  const mended = await care('repair');
  expect(mended).toMatchObject({ repairedBlocks: 1, harmed: [] });
  const digest = async () => {
    const read = await digestOnDisk(machine).catch(() => undefined);
    return read === dataDigest ? true : undefined;
  };
  await until(digest, { deadlineMs: 60_000, everyMs: 500, what: 'the block that was mended' });
  await machine.end();
});

test('a copy boots when its source is deregistered, and every local disk is gone', async () => {
  await us.deregisterImage({ ImageId: imageId, DeleteAssociatedSnapshots: true });
  await evictAll();
  const stored = async () => (await region(home0)).snapshots;
  await until(async () => ((await stored()) === 0 ? true : undefined), {
    deadlineMs: 30_000,
    everyMs: 200,
    what: 'an empty vault',
  });
  await answered(
    adminClient(home.context).vault[':region'].collect.$post({
      param: { region: home0 },
      json: { dryRun: false },
    }),
    home.context.url,
  );
  const machine = await launch(eu, copyId);
  expect(await machine.shell.run('cat /mark')).toBe('kept');
  expect(await digestOnDisk(machine)).toBe(dataDigest);
  await machine.end();
});

async function launch(
  ec2: EC2,
  image: string | undefined,
  input: Partial<Parameters<EC2['runInstances']>[0]> = {},
) {
  const { instanceId, shell } = await launchGuest(ec2, { ImageId: image, ...input });
  const { Reservations: [shown] = [] } = await ec2.describeInstances({ InstanceIds: [instanceId] });
  const mappings = shown?.Instances?.[0]?.BlockDeviceMappings ?? [];
  const volumeId = mappings.find(({ DeviceName }) => DeviceName === '/dev/sdf')?.Ebs?.VolumeId ?? '';
  const serials = await shell.run(`grep -l ${volumeId.replace('-', '')} /sys/block/*/serial`);
  return {
    shell,
    instanceId,
    dataDisk: `/dev/${serials.split('/')[3]}`,
    async end() {
      shell.close();
      await ec2.terminateInstances({ InstanceIds: [instanceId] });
      await waitUntilInstanceTerminated({ client: ec2, ...waiting }, { InstanceIds: [instanceId] });
    },
  };
}

type Machine = Awaited<ReturnType<typeof launch>>;

/** As the disk has it, not the guest's memory. */
async function digestOnDisk({ shell, dataDisk }: Machine): Promise<string> {
  await shell.run('sync; echo 3 | sudo tee /proc/sys/vm/drop_caches');
  const output = await shell.run(
    `sudo dd if=${dataDisk} of=/tmp/read bs=64k count=${data.length / 65_536} 2>/dev/null && sha256sum < /tmp/read`,
  );
  return output.split(' ')[0] ?? '';
}

async function region(name: string) {
  return await answered(
    adminClient(home.context).vault[':region'].$get({ param: { region: name } }),
    home.context.url,
  );
}

async function allStored(): Promise<void> {
  const look = async () => {
    const waitingNow = [await region(home0), await region(abroad)].map((each) => each.waiting);
    return waitingNow.every((count) => count === 0) ? true : undefined;
  };
  await until(look, { deadlineMs: 120_000, everyMs: 500, what: 'all snapshots in their vaults' });
}

/** Until no layer is left on the node. */
async function evictAll(): Promise<void> {
  const look = async () => {
    await answered(
      adminClient(home.context).vault.evict.$post({ json: { dryRun: false } }),
      home.context.url,
    );
    const layers = await readdir(join(home.folder, 'nodes', 'node-1', 'layers'));
    return layers.length === 0 ? true : undefined;
  };
  await until(look, { deadlineMs: 120_000, everyMs: 500, what: 'a node without layers' });
}

async function care(action: 'verify' | 'repair') {
  const ask = (restart: boolean) =>
    answered(
      adminClient(home.context).vault[':region'][action].$post({
        param: { region: home0 },
        json: { restart },
      }),
      home.context.url,
    );
  await ask(true);
  const look = async () => {
    const now = await ask(false);
    return now.state === 'running' ? undefined : now;
  };
  return await until(look, { deadlineMs: 120_000, everyMs: 200, what: `the end of the ${action}` });
}

/** In the middle of the stored bytes. */
async function flipBit(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const { size } = await handle.stat();
  const place = size - 8;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, place);
  await handle.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, place);
  await handle.close();
}
