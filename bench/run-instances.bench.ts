/**
 * RunInstances until the virtual machine's process runs, beside the same QEMU command line started by hand.
 * Both end at the same sign: QEMU writes its pid file when the machine is made and its processors start.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { copyOfMachine } from './frame/copy-of-machine.ts';
import { addTiny, type OwnServer, startOwnServer, terminate, until } from './frame/own-server.ts';
import type { Report } from './frame/report.ts';
import { runBench } from './frame/run-bench.ts';
import { figure, median, quantile, withSpread } from './frame/statistics.ts';

const pollMs = 1;

await runBench('run-instances', async (frame): Promise<Report> => {
  const rounds = frame.quick ? 2 : 20;
  const server = await startOwnServer(frame);
  const imageId = await addTiny(server, frame);
  const answers: number[] = [];
  const processes: number[] = [];
  const running: number[] = [];
  const bare: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const ours = await launchOurs(server, imageId);
    const peer = await launchBare(server, ours.instanceId, join(frame.folder, 'bare'));
    await terminate(server, ours.instanceId);
    // The first one warms the page cache for both.
    if (round < 0) continue;
    answers.push(ours.answerMs);
    processes.push(ours.processMs);
    running.push(ours.runningMs);
    bare.push(peer);
    if (round % 5 === 4) frame.say(`${round + 1} of ${rounds}`);
  }
  const row = (what: string, values: readonly number[]) => [
    what,
    String(values.length),
    withSpread(values),
    figure(quantile(values, 0.99)),
    figure(median(values.map((value, index) => value - (bare[index] ?? Number.NaN)))),
  ];
  return {
    title: 'RunInstances until the machine’s process runs',
    method: [
      'One t3.micro of the tiny image, through the official SDK: a new overlay, a seed disk, an address, QEMU, ports.',
      'The peer is the command line of that very QEMU (taken from /proc), started by hand on a new overlay of the same image and a copy of its folder, both made before the clock starts. In turn with ours, round by round.',
      `A process counts as running when QEMU has written its pid file, looked for every ${pollMs} ms: the machine is made then, and its processors start.`,
    ],
    tables: [
      {
        caption: 'Milliseconds; median (least–most).',
        columns: [
          'from the call, or from the start of QEMU, until',
          'n',
          'time',
          'p99',
          'over bare QEMU, p50',
        ],
        rows: [
          row('RunInstances has answered (`pending`)', answers),
          row('its QEMU process runs', processes),
          row('DescribeInstances says `running`', running),
          row('bare `qemu-system`: its process runs', bare),
        ],
      },
    ],
  };
});

interface Launched {
  readonly instanceId: string;
  readonly answerMs: number;
  readonly processMs: number;
  readonly runningMs: number;
}

async function launchOurs({ ec2, instanceFolder }: OwnServer, imageId: string): Promise<Launched> {
  const calledMs = performance.now();
  const { Instances: [instance] = [] } = await ec2.runInstances({
    ImageId: imageId,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
  });
  const answerMs = performance.now() - calledMs;
  const instanceId = instance?.InstanceId ?? '';
  await present(join(instanceFolder(instanceId), 'qemu.pid'));
  const processMs = performance.now() - calledMs;
  const runningMs = await until(async () => {
    const { Reservations: [found] = [] } = await ec2.describeInstances({ InstanceIds: [instanceId] });
    return found?.Instances?.[0]?.State?.Name === 'running' ? performance.now() - calledMs : undefined;
  }, pollMs);
  return { instanceId, answerMs, processMs, runningMs };
}

/** The same machine without Ingot around it. */
async function launchBare(server: OwnServer, instanceId: string, folder: string): Promise<number> {
  const { program, args, directory } = await copyOfMachine(server, instanceId, folder);
  const startedMs = performance.now();
  const qemu = spawn(program, args, { cwd: directory, stdio: 'ignore' });
  try {
    await present(join(directory, 'qemu.pid'));
    return performance.now() - startedMs;
  } finally {
    await killed(qemu);
    await rm(folder, { recursive: true });
  }
}

async function present(file: string): Promise<void> {
  await until(
    () =>
      stat(file).then(
        (found) => (found.size > 0 ? true : undefined),
        () => undefined,
      ),
    pollMs,
  );
}

async function killed(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}
