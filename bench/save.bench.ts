/**
 * `ingot save` of a running machine with 1 and 8 GiB of data: how long it takes, and how long the machine does not
 * run, beside what one would do without it: stop the machine, `qemu-img convert` its disks, start it again.
 */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { apiClient, replied } from '../src/cli/api-client.ts';
import { type CreationBody, showCreation } from '../src/cli/creations/show-creation.ts';
import { refreshMachine } from '../src/cli/ec2/find-instance.ts';
import { waitForState } from '../src/cli/ec2/wait.ts';
import { openSsh } from '../src/cli/ssh/open.ts';
import { sshTarget } from '../src/cli/ssh/target.ts';
import {
  addTiny,
  type BenchMachine,
  bootMachine,
  type OwnServer,
  startOwnServer,
  terminate,
  until,
} from './frame/own-server.ts';
import type { Report } from './frame/report.ts';
import { type BenchFrame, runBench } from './frame/run-bench.ts';
import { attachDisk, spreadWrites, writtenLayers } from './frame/second-disk.ts';
import { ratios, withSpread } from './frame/statistics.ts';

const execute = promisify(execFile);
const lookEveryMs = 20;
const bootPatienceMs = 300_000;
const ways = ['auto', 'stopped', 'auto, proven'] as const;
type Way = (typeof ways)[number];

interface Times {
  /** Seconds, from the request until the template can be launched; of the peer, until the machine runs again. */
  readonly wall: number[];
  /** Seconds. */
  readonly notRunning: number[];
}

await runBench('save', async (frame): Promise<Report> => {
  const dataGiB = frame.quick ? [0.125] : [1, 8];
  const rounds = frame.quick ? 1 : 3;
  const server = await startOwnServer(frame);
  await addTiny(server, frame);
  const rows: string[][] = [];
  for (const data of dataGiB) {
    const { saves, peer } = await measure(server, frame, { data, rounds });
    for (const way of ways) rows.push(row(data, `save, ${way}`, saves[way], peer));
    rows.push(row(data, 'stop, convert, start', peer, peer));
  }
  return {
    title: 'Saving a running machine',
    method: [
      'A tiny machine (root disk 1 GiB) with a second disk twice the size of its data, which was written all over it. Saved over REST, in turn with the peer, round by round.',
      `${rounds} rounds a size. *auto* leaves the machine running with its file systems frozen for the point in time; *stopped* stops it and starts it again; *proven* also launches the image and logs in before it is announced.`,
      'The peer: StopInstances, `qemu-img convert -O qcow2` of both disks one after the other, StartInstances. Its copy is a file, no image yet.',
      '*Wall* is from the request until the saved template can be launched; of the peer, until the machine runs again. *Not running* is the stall of the disks, or from the call that stops the machine until it is `running`.',
    ],
    tables: [
      {
        caption: 'Seconds; median (least–most).',
        columns: ['data GiB', 'way', 'n', 'wall', 'not running', 'peer ÷ wall', 'peer ÷ not running'],
        rows,
      },
    ],
    notes: ['A guest that is started again boots after the machine is `running`; that time is in no figure.'],
  };
});

function row(data: number, name: string, times: Times, peer: Times): string[] {
  const against = (of: keyof Times) => (times === peer ? '1' : withSpread(ratios(times[of], peer[of]), '×'));
  return [
    String(data),
    name,
    String(times.wall.length),
    withSpread(times.wall),
    withSpread(times.notRunning),
    against('wall'),
    against('notRunning'),
  ];
}

async function measure(
  server: OwnServer,
  frame: BenchFrame,
  { data, rounds }: { readonly data: number; readonly rounds: number },
) {
  const machine = await bootMachine(server, frame, `with ${data} GiB of data`);
  const disk = { sizeGiB: Math.max(1, data * 2), writtenMiB: data * 1024 };
  const volumeId = await attachDisk(server, machine, disk.sizeGiB);
  frame.say('writing');
  await machine.run(spreadWrites(volumeId, disk));
  machine.ssh.end();
  const saves = Object.fromEntries(ways.map((way) => [way, noTimes()])) as Record<Way, Times>;
  const peer = noTimes();
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      await reachable(server, machine);
      frame.say(`save, ${way}`);
      await save(server, machine, { way, into: saves[way], name: `env-${round}-${ways.indexOf(way)}` });
    }
    await reachable(server, machine);
    frame.say('stop, convert, start');
    await stopConvertStart(server, machine, frame.folder, peer);
  }
  await terminate(server, machine.id);
  return { saves, peer };
}

/** A guest that has just been started again has to boot before its file systems can be frozen. */
async function reachable({ context }: OwnServer, machine: BenchMachine): Promise<void> {
  const target = await sshTarget(context, await refreshMachine(context, machine));
  (await openSsh(target, { home: context.home, patienceMs: bootPatienceMs })).end();
}

function noTimes(): Times {
  return { wall: [], notRunning: [] };
}

async function save(
  { context }: OwnServer,
  machine: BenchMachine,
  { way, into, name }: { readonly way: Way; readonly into: Times; readonly name: string },
): Promise<void> {
  const calledMs = performance.now();
  const request = apiClient(context).ami.save.$post({
    json: {
      instances: [machine.id],
      template_name: name,
      consistency: way === 'stopped' ? 'stopped' : 'auto',
      prove: way === 'auto, proven',
    },
  });
  const { creations } = await replied(request, context.url);
  const id = creations[0]?.creation_id ?? '';
  const ended = await until(async (): Promise<CreationBody | undefined> => {
    const creation = await showCreation(context, id);
    return creation.status === 'completed' || creation.status === 'failed' ? creation : undefined;
  }, lookEveryMs);
  into.wall.push((performance.now() - calledMs) / 1000);
  if (ended.consistency !== (way === 'stopped' ? 'stopped' : 'filesystem')) {
    throw new Error(`${id} is ${ended.status}, ${ended.consistency}: ${ended.message}`);
  }
  into.notRunning.push(ended.not_running_seconds ?? Number.NaN);
}

async function stopConvertStart(
  server: OwnServer,
  machine: BenchMachine,
  folder: string,
  into: Times,
): Promise<void> {
  const { ec2, context } = server;
  const reached = async (state: 'running' | 'stopped') =>
    await waitForState(context, machine, state, { deadlineMs: 300_000 });
  const layers = (await writtenLayers(server, machine)).map((id) => join(server.layersFolder, `${id}.qcow2`));
  const copies = layers.map((_, number) => join(folder, `copy-${number}.qcow2`));
  const calledMs = performance.now();
  await ec2.stopInstances({ InstanceIds: [machine.id] });
  await reached('stopped');
  for (const [number, layer] of layers.entries()) {
    await execute('qemu-img', ['convert', '-O', 'qcow2', layer, copies[number] ?? '']);
  }
  await ec2.startInstances({ InstanceIds: [machine.id] });
  await reached('running');
  const seconds = (performance.now() - calledMs) / 1000;
  into.wall.push(seconds);
  into.notRunning.push(seconds);
  for (const copy of copies) await rm(copy);
}
