/** A home on a small file system that runs full: clear errors, nothing half-made, and all goes on when there is room. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../../src/node/deadline.ts';
import { findQemu } from '../../src/node/qemu/process.ts';
import { type Guest, launchGuest } from '../system/cloud-guests.ts';
import { addTinyBase } from './guest-machines.ts';
import { type KillableServer, makeServerHome, type ServerHome } from './killable-server.ts';

const run = promisify(execFile);
const mebibyte = 2 ** 20;
const deadlineMs = 240_000;

let folder: string;
let home: ServerHome;
let server: KillableServer;
let guest: Guest;
let failed = false;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-small-'));
  // More than the 2 GiB that a launch asks for; memory is taken only for what is written.
  await run('mount', ['-t', 'tmpfs', '-o', 'size=2600m,mode=700', 'ingot-test', folder]);
  home = await makeServerHome({ stopDeadlineMs: 10_000 }, join(folder, 'home'));
  server = await home.start();
  const ImageId = await addTinyBase(home, server.ec2);
  guest = await launchGuest(server.ec2, { ImageId });
});
afterEach(async ({ task }) => {
  failed ||= task.result?.state === 'fail';
  await makeRoom();
});
afterAll(async () => {
  if (failed) process.stderr.write(await readFile(join(home.folder, 'server.log'), 'utf8'));
  guest?.shell.close();
  await server?.close();
  await home?.dispose({ keep: false });
  // A process that was killed may still be letting go of it.
  await run('umount', ['-l', folder]);
  await rm(folder, { recursive: true });
});

test('below the floor, launches and images are refused in words of EC2, and what runs goes on', async () => {
  const { ec2 } = server;
  await leaveFree(700);
  const { instanceId } = guest;
  await expect(ec2.createImage({ InstanceId: instanceId, Name: 'full' })).rejects.toMatchObject({
    name: 'InsufficientVolumeCapacity',
    message: expect.stringMatching(/MiB are free/),
  });
  const launch = {
    ImageId: await imageOf(instanceId),
    InstanceType: 't3.nano',
    MinCount: 1,
    MaxCount: 1,
  } as const;
  await expect(ec2.runInstances(launch)).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
  expect((await ec2.describeImages({ Owners: ['self'] })).Images).toEqual([]);
  expect((await ec2.describeSnapshots({ OwnerIds: ['self'] })).Snapshots).toEqual([]);
  await server.atRest();
  expect(await guest.shell.run('echo on > on && sync && cat on')).toBe('on');

  await makeRoom();
  await ec2.createImage({ InstanceId: instanceId, Name: 'full' });
  await server.atRest();
  expect((await ec2.describeImages({ Owners: ['self'] })).Images).toMatchObject([{ State: 'available' }]);
});

test('a guest that writes onto a full disk stands still, and goes on when there is room, with all it wrote', async () => {
  await leaveFree(16);
  const shell = guest.shell.run(
    'dd if=/dev/urandom of=large bs=1M count=96 2> /dev/null && sync && sha256sum < large',
  );
  // No answer is lost with the machine when it never stands still.
  const early = shell.then((sum) => Promise.reject(new Error(`it never stood still: ${sum}`)));
  early.catch(() => undefined);
  await Promise.race([early, standsStill()]);
  expect((await server.ec2.describeRegions({})).Regions).toHaveLength(1);

  await makeRoom();
  await Promise.race([early, logged('goes on: the disk has room again')]);
  const sum = await shell;
  expect(sum).toMatch(/^[0-9a-f]{64}/);
  await guest.shell.run('sudo sh -c "echo 3 > /proc/sys/vm/drop_caches"');
  expect(await guest.shell.run('sha256sum < large')).toBe(sum);
});

test('with no byte left the server lives, and what was asked is done when there is room or not at all', async () => {
  const { ec2 } = server;
  await leaveNothing();
  const Name = 'no-byte';
  await expect(ec2.createImage({ InstanceId: guest.instanceId, Name })).rejects.toMatchObject({
    name: expect.stringMatching(/^(InsufficientVolumeCapacity|InternalError)$/),
  });
  expect((await ec2.describeRegions({})).Regions).toHaveLength(1);
  await makeRoom();
  await ec2.createImage({ InstanceId: guest.instanceId, Name });
  await server.atRest();
});

async function leaveFree(mebibytes: number): Promise<void> {
  await makeRoom();
  const { bavail, bsize } = await statfs(folder);
  const length = bavail * bsize - mebibytes * mebibyte;
  await run('fallocate', ['-l', String(length), join(folder, 'filler')]);
}

/** The server writes too, so that what is left is never quite known. */
async function leaveNothing(): Promise<void> {
  await leaveFree(2);
  await run('dd', [
    'if=/dev/zero',
    `of=${join(folder, 'filler')}`,
    'bs=4k',
    'oflag=append',
    'conv=notrunc',
  ]).catch(() => undefined);
}

/** No byte is left, and the machine's processors do nothing. */
async function standsStill(): Promise<void> {
  const [qemu] = (await findQemu(join(home.nodeFolder, 'instances'))).values();
  const ticks = async () => {
    const [, after = ''] = (await readFile(`/proc/${qemu?.pid}/stat`, 'utf8')).split(') ');
    const [user = '0', system = '0'] = after.split(' ').slice(11);
    return Number(user) + Number(system);
  };
  const look = async () => {
    const before = await ticks();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const { bavail } = await statfs(folder);
    return bavail === 0 && (await ticks()) === before ? true : undefined;
  };
  await until(look, { deadlineMs, what: 'a machine that stands still' });
}

async function makeRoom(): Promise<void> {
  await rm(join(folder, 'filler'), { force: true });
}

async function logged(words: string): Promise<void> {
  await until(
    async () => {
      const log = await readFile(join(home.folder, 'server.log'), 'utf8');
      return log.includes(words) ? true : undefined;
    },
    { deadlineMs, everyMs: 250, what: `'${words}' in the log` },
  );
}

async function imageOf(instanceId: string): Promise<string | undefined> {
  const { Reservations: [shown] = [] } = await server.ec2.describeInstances({ InstanceIds: [instanceId] });
  return shown?.Instances?.[0]?.ImageId;
}
