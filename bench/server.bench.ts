/** Until `ingot up` has a server ready, and what that server takes of the memory. No peer does the same thing. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { stopServer } from '../src/cli/server-process.ts';
import { readServerRecord } from '../src/server/server-record.ts';
import { prepareHome, residentMiB } from './frame/own-server.ts';
import type { Report } from './frame/report.ts';
import { runBench } from './frame/run-bench.ts';
import { withSpread } from './frame/statistics.ts';

const execute = promisify(execFile);
const ingot = join(import.meta.dirname, '..', 'bin', 'ingot');
const settleMs = 2_000;

await runBench('server', async (frame): Promise<Report> => {
  const rounds = frame.quick ? 1 : 7;
  const home = await prepareHome(frame.folder);
  const readyMs: number[] = [];
  const commandMs: number[] = [];
  const resident: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const calledMs = performance.now();
    await execute(process.execPath, [ingot, 'up', '--detach']);
    readyMs.push(performance.now() - calledMs);
    const record = await readServerRecord(home);
    if (record === undefined) throw new Error('The server is not there after `ingot up --detach`');
    await delay(settleMs);
    resident.push((await residentMiB(record.pid)).now);
    await stopServer(record, 60_000);
    const helpMs = performance.now();
    await execute(process.execPath, [ingot, '--help']);
    commandMs.push(performance.now() - helpMs);
  }
  return {
    title: 'The server: ready, and at rest',
    method: [
      `\`ingot up --detach\` from the checkout (TypeScript as it is) until it returns, which it does when the server answers; the first round makes the home. What Node compiled of it before is kept, as always. n = ${rounds}.`,
      `Resident memory is VmRSS of the server’s process ${settleMs / 1000} s after it was ready. With 10,000 images and under load: see DescribeImages.`,
    ],
    tables: [
      {
        caption: 'Median (least–most).',
        columns: ['what', 'figure'],
        rows: [
          ['`ingot up --detach` until ready', withSpread(readyMs, 'ms')],
          ['of which any command takes to start (`ingot --help`)', withSpread(commandMs, 'ms')],
          ['resident memory, idle', withSpread(resident, 'MiB')],
        ],
      },
    ],
  };
});
