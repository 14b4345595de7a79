/**
 * The main job on a real machine: launch, change it over SSH, make an image of it while it runs, launch from
 * that, and see the change there. Fails when anything is not as promised.
 *   npm run demo [-- --keep]     --keep leaves server, machines and image for a closer look
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { EC2, Image } from '@aws-sdk/client-ec2';
import type { Client } from 'ssh2';
import { addBase, hostArchitecture } from '../src/cli/bases.ts';
import { type Context, localContext } from '../src/cli/context.ts';
import { changeState } from '../src/cli/ec2/change-state.ts';
import { ec2Client } from '../src/cli/ec2/client.ts';
import type { Machine } from '../src/cli/ec2/find-instance.ts';
import { describeError } from '../src/cli/errors.ts';
import { awaitSsh } from '../src/cli/launch/await-ssh.ts';
import { launchMachine } from '../src/cli/launch/launch-machine.ts';
import { duration, paint, print, tableLines } from '../src/cli/output.ts';
import { startServer, stopServer } from '../src/cli/server-process.ts';
import { captureCommand } from '../src/cli/ssh/run.ts';
import { createStages } from '../src/cli/stages.ts';
import { readServerRecord } from '../src/server/server-record.ts';

const { values: options } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const stages = createStages({ stream: process.stdout });
const undo: (() => Promise<unknown>)[] = [];
const startedMs = performance.now();

const home = process.env.INGOT_HOME ?? (await temporaryHome());
const interrupted = Promise.withResolvers<never>();
process.once('SIGINT', () => interrupted.reject(new Error('Interrupted')));
try {
  await Promise.race([demo(), interrupted.promise]);
} catch (error) {
  print(`\n${paint('red', '✗')} ${describeError(error)}`);
  process.exitCode = 1;
} finally {
  if (options.keep) print(`\nKept. To look around: export INGOT_HOME=${home}; npx ingot list`);
  else await cleanUp();
}
if (process.exitCode === undefined) print(`\n${paint('green', '✓')} All as promised, in ${sinceStart()}`);
process.exit();

async function demo(): Promise<void> {
  title('A machine');
  const context = await server();
  const ec2 = await ec2Client(context, context.region);
  await stages.run(
    'Base image: tiny',
    (stage) => addBase(context, 'tiny', hostArchitecture(), stage.update),
    ({ base }) => `${base.imageName}, public in every region`,
  );
  const source = await launch(context, 'demo-source', 'tiny');

  title('A change, and an image of it while the machine runs');
  const words = randomBytes(6).toString('hex');
  const bootId = await stages.run('Changing a file over SSH', async () => {
    await output(source.ssh, `echo ${words} > change.txt`);
    return await output(source.ssh, 'cat /proc/sys/kernel/random/boot_id');
  });
  const image = await createImage(ec2, source.machine);
  await stages.run('The machine never stopped', async () => {
    expect('its boot', await output(source.ssh, 'cat /proc/sys/kernel/random/boot_id'), bootId);
  });
  source.ssh.end();

  title('A new machine from that image');
  const copy = await launch(context, 'demo-copy', image.id);
  await stages.run(
    'Reading the file over SSH',
    async () => expect('change.txt on the copy', await output(copy.ssh, 'cat change.txt'), words),
    () => `'${words}' is there`,
  );
  copy.ssh.end();
  summary(image);
}

/** The server of the home: one that runs already is used and left alone. */
async function server(): Promise<Context> {
  const running = await localContext(home);
  if (running !== undefined) return running;
  const started = await stages.run(
    'Starting the server',
    () => startServer(),
    ({ url }) => url,
  );
  undo.push(async () => {
    const record = await readServerRecord(home);
    if (record !== undefined) await stages.run('Stopping the server', () => stopServer(record, 60_000));
  });
  return started;
}

async function launch(
  context: Context,
  name: string,
  image: string,
): Promise<{ readonly machine: Machine; readonly ssh: Client }> {
  const openings = { ports: [], source: '127.0.0.1/32' };
  const machine = await launchMachine(context, { image, name, region: context.region, openings }, stages);
  undo.push(() => changeState(context, [machine], 'terminate', stages));
  return { machine, ssh: await awaitSsh(context, machine, stages) };
}

interface MadeImage {
  readonly id: string;
  readonly answeredMs: number;
  readonly tags: ReadonlyMap<string, string>;
}

async function createImage(ec2: EC2, machine: Machine): Promise<MadeImage> {
  const calledMs = performance.now();
  const made = await stages.run(
    'CreateImage',
    async () => {
      const { ImageId: id = '' } = await ec2.createImage({
        InstanceId: machine.id,
        Name: `demo-${Date.now()}`,
      });
      return { id, answeredMs: performance.now() - calledMs };
    },
    ({ id, answeredMs }) => `answered ${id} in ${duration(answeredMs)}`,
  );
  undo.push(() =>
    stages.run('Deregistering the image', () =>
      ec2.deregisterImage({ ImageId: made.id, DeleteAssociatedSnapshots: true }),
    ),
  );
  const { Images: [image] = [] } = await ec2.describeImages({ ImageIds: [made.id] });
  const tags = tagsOf(image);
  await stages.run(
    'Looking at it at once',
    async () => {
      expect('the state of the image', image?.State, 'available');
      expect('its consistency', tags.get('ingot:consistency'), 'filesystem');
    },
    () => `available; files consistent; guest frozen for ${tags.get('ingot:freeze-ms')} ms`,
  );
  return { ...made, tags };
}

function tagsOf(image: Image | undefined): ReadonlyMap<string, string> {
  return new Map((image?.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

async function output(ssh: Client, command: string): Promise<string> {
  const { status, stdout, stderr } = await captureCommand(ssh, command);
  if (status !== 0) throw new Error(`'${command}' ended with ${status} on the machine: ${stderr.trim()}`);
  return stdout.trim();
}

function expect(what: string, actual: string | undefined, wanted: string): void {
  if (actual !== wanted) throw new Error(`Not as promised: ${what} is '${actual}', not '${wanted}'`);
}

function summary({ answeredMs, tags }: MadeImage): void {
  const time = (stage: string) =>
    stages.records.filter(({ title }) => title === stage).map(({ ms }) => duration(ms));
  const [firstBoot = '', secondBoot = ''] = time('Booting until SSH answers');
  const rows = [
    ['CreateImage of the running machine answered in', duration(answeredMs)],
    ['  its file systems were frozen for', `${tags.get('ingot:freeze-ms')} ms`],
    ['  of which the snapshot itself took', `${tags.get('ingot:stall-ms')} ms`],
    ['RunInstances answered in', time('Launching demo-source')[0] ?? ''],
    ['Boot of the base image until SSH', firstBoot],
    ['Boot of the new image until SSH', secondBoot],
  ] as const;
  const columns = [
    { title: 'WHAT', value: (row: (typeof rows)[number]) => row[0] },
    { title: 'TIME', value: (row: (typeof rows)[number]) => row[1], style: () => 'bold' as const },
  ];
  print('');
  for (const line of tableLines(rows, columns, process.stdout.columns)) print(`  ${line}`);
}

/** A home that ends with the demo, on a port that nobody else has. */
async function temporaryHome(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-demo-'));
  process.env.INGOT_HOME = folder;
  process.env.INGOT_PORT = '0';
  undo.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function cleanUp(): Promise<void> {
  title('Cleaning up');
  for (const step of undo.reverse()) {
    await step().catch((error: unknown) => {
      print(`${paint('red', '✗')} ${describeError(error)}`);
      process.exitCode = 1;
    });
  }
}

function title(text: string): void {
  print(`\n${paint('bold', text)}`);
}

function sinceStart(): string {
  return duration(performance.now() - startedMs);
}
