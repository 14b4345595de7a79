/** A server in a process of its own on a home that ends with the measurement, and machines in it. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EC2 } from '@aws-sdk/client-ec2';
import type { Client } from 'ssh2';
import { addBase, hostArchitecture } from '../../src/cli/bases.ts';
import type { Context } from '../../src/cli/context.ts';
import { ec2Client } from '../../src/cli/ec2/client.ts';
import { type Machine, refreshMachine } from '../../src/cli/ec2/find-instance.ts';
import { waitForState } from '../../src/cli/ec2/wait.ts';
import { launchMachine } from '../../src/cli/launch/launch-machine.ts';
import { startServer, stopServer } from '../../src/cli/server-process.ts';
import { openSsh } from '../../src/cli/ssh/open.ts';
import { captureCommand } from '../../src/cli/ssh/run.ts';
import { sshTarget } from '../../src/cli/ssh/target.ts';
import { createStages } from '../../src/cli/stages.ts';
import { readServerRecord } from '../../src/server/server-record.ts';
import type { BenchFrame } from './run-bench.ts';

/** Built once for all measurements and tests of this machine. */
export const bases = join(tmpdir(), 'ingot-test-bases');
const stages = createStages({ quiet: true });
const patienceMs = 300_000;

export interface OwnServer {
  readonly home: string;
  readonly context: Context;
  readonly ec2: EC2;
  readonly pid: number;
  /** Where QEMU of the instance runs. */
  readonly instanceFolder: (instanceId: string) => string;
  readonly layersFolder: string;
}

export async function startOwnServer(frame: BenchFrame, config = ''): Promise<OwnServer> {
  const home = await prepareHome(frame.folder, config);
  const context = await startServer();
  const pid = (await readServerRecord(home))?.pid ?? 0;
  const ec2 = await ec2Client(context, context.region);
  const node = join(home, 'nodes', 'node-1');
  const server: OwnServer = {
    ...{ home, context, ec2, pid },
    instanceFolder: (instanceId) => join(node, 'instances', instanceId),
    layersFolder: join(node, 'layers'),
  };
  frame.undo(async () => {
    await terminate(server, ...(await instanceIds(ec2)));
    ec2.destroy();
    const record = await readServerRecord(home);
    if (record !== undefined) await stopServer(record, 60_000);
  });
  return server;
}

/** Makes the home that this process's servers serve. */
export async function prepareHome(folder: string, config = ''): Promise<string> {
  const home = join(folder, 'home');
  await mkdir(home, { mode: 0o700 });
  await mkdir(bases, { recursive: true });
  await symlink(bases, join(home, 'bases'));
  await writeFile(join(home, 'config.yaml'), config);
  process.env.INGOT_HOME = home;
  process.env.INGOT_PORT = '0';
  delete process.env.INGOT_URL;
  return home;
}

/** The id of the base image, built on first need. */
export async function addTiny(server: OwnServer, frame: BenchFrame): Promise<string> {
  const { images } = await addBase(server.context, 'tiny', hostArchitecture(), frame.say);
  return images[server.context.region] ?? '';
}

export interface BenchMachine extends Machine {
  /** What the command printed; throws when it fails. */
  run(command: string): Promise<string>;
  readonly ssh: Client;
}

/** Boots it, and logs in. */
export async function bootMachine(server: OwnServer, frame: BenchFrame, name: string): Promise<BenchMachine> {
  const { context } = server;
  const openings = { ports: [], source: '127.0.0.1/32' };
  frame.say(`booting ${name}`);
  const launched = await launchMachine(
    context,
    { image: 'tiny', name, region: context.region, openings },
    stages,
  );
  const machine = await waitForState(context, launched, 'running', { deadlineMs: patienceMs });
  const ssh = await openSsh(await sshTarget(context, await refreshMachine(context, machine)), {
    home: context.home,
    patienceMs,
  });
  frame.undo(async () => ssh.end());
  return { ...machine, ssh, run: (command) => output(ssh, command) };
}

export async function output(ssh: Client, command: string): Promise<string> {
  const { status, stdout, stderr } = await captureCommand(ssh, command);
  if (status !== 0) throw new Error(`'${command}' ended with ${status} on the machine: ${stderr.trim()}`);
  return stdout.trim();
}

/** Resident memory of a process in MiB: now, and the most it ever was. */
export async function residentMiB(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return { now: kib('VmRSS') / 1024, peak: kib('VmHWM') / 1024 };
}

/** Asks again until the answer is one; measurements that wait on a condition say how often they look. */
export async function until<T>(look: () => Promise<T | undefined>, everyMs: number): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('What the measurement waits for does not come');
    await delay(everyMs);
  }
}

/** Answers when it is gone. */
export async function terminate(
  { ec2, context }: OwnServer,
  ...instanceIds: readonly string[]
): Promise<void> {
  if (instanceIds.length === 0) return;
  await ec2.terminateInstances({ InstanceIds: [...instanceIds] });
  for (const id of instanceIds) {
    const machine = { id, region: context.region };
    await waitForState(context, machine, 'terminated', { deadlineMs: patienceMs });
  }
}

async function instanceIds(ec2: EC2): Promise<readonly string[]> {
  const { Reservations: reservations = [] } = await ec2.describeInstances({});
  return reservations.flatMap(({ Instances: instances = [] }) =>
    instances.flatMap(({ InstanceId, State }) =>
      InstanceId === undefined || State?.Name === 'terminated' ? [] : [InstanceId],
    ),
  );
}
