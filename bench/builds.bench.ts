/**
 * The factory on the small base image: a build with nothing cached, the same again with every step cached, and with
 * the last step changed, in turn; what a plan takes; four builds side by side and one after the other.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rebuildNote, rebuildTable } from './builds/rebuild-table.ts';
import { writeSmallTemplate } from './builds/small-template.ts';
import { type BuildTimes, timedBatch, timedBuild, timedPlan } from './builds/timed-build.ts';
import { addTiny, startOwnServer } from './frame/own-server.ts';
import type { Report, Table } from './frame/report.ts';
import { type BenchFrame, runBench } from './frame/run-bench.ts';
import { figure, median, ratios, withSpread } from './frame/statistics.ts';

const execute = promisify(execFile);
const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
const workMiB = 32;
const smallWorkMiB = 4;
const plans = 20;

type Server = Awaited<ReturnType<typeof startOwnServer>>;

await runBench('builds', async (frame): Promise<Report> => {
  const rounds = frame.quick ? 1 : 3;
  const server = await startOwnServer(frame);
  await addTiny(server, frame);
  const cached = await rebuilds(server, frame, rounds);
  const tables = frame.quick
    ? [cached]
    : [cached, await planTimes(server, frame), await fourBuilds(server, frame, 1)];
  return {
    title: 'Builds: what the step cache saves, plans, and builds side by side',
    method: [
      `A template of two steps on the tiny image, in a folder of its own: the first packs ${workMiB} MiB of random numbers and stands for what installs packages, the last writes a line. Machines are the factory's usual ones.`,
      'Each round changes the first step, so that nothing is cached; then builds again as it is; then with another last step. The total is from the request until the build rests, both machines gone.',
      `A plan is asked for over the API (n = ${plans}), and as \`ingot ami plan\` (n = 5), which starts a Node first.`,
      `Four builds are four templates whose first step packs ${smallWorkMiB} MiB: in one batch, as \`ingot ami build-all\` asks for it, and one after the other.`,
    ],
    tables,
    notes: [rebuildNote],
  };
});

async function rebuilds({ context }: Server, frame: BenchFrame, rounds: number): Promise<Table> {
  const full: BuildTimes[] = [];
  const again: BuildTimes[] = [];
  const changed: BuildTimes[] = [];
  for (let round = 0; round < rounds; round++) {
    const write = (last: string) =>
      writeSmallTemplate(frame.folder, { slug: 'measured', first: `round-${round}`, last, workMiB });
    full.push(await timedBuild(context, await write('one'), 0));
    again.push(await timedBuild(context, await write('one'), 2));
    changed.push(await timedBuild(context, await write('two'), 1));
    frame.say(`builds: ${round + 1} of ${rounds}`);
  }
  return rebuildTable([
    { what: 'nothing cached', times: full, full },
    { what: 'every step cached', times: again, full },
    { what: 'the last step changed', times: changed, full },
  ]);
}

async function planTimes({ context }: Server, frame: BenchFrame): Promise<Table> {
  const asked: number[] = [];
  const commanded: number[] = [];
  const template = join(frame.folder, 'measured.yml');
  for (let round = 0; round < plans; round++) asked.push(await timedPlan(context, template));
  for (let round = 0; round < 5; round++) {
    const calledMs = performance.now();
    await execute(process.execPath, [main, 'ami', 'plan', template]);
    commanded.push(performance.now() - calledMs);
  }
  return {
    caption: 'Milliseconds; median (least–most).',
    columns: ['plan of the template above', 'n', 'time'],
    rows: [
      ['`POST /plans`', String(asked.length), withSpread(asked)],
      ['`ingot ami plan`', String(commanded.length), withSpread(commanded)],
    ],
  };
}

async function fourBuilds({ context }: Server, frame: BenchFrame, rounds: number): Promise<Table> {
  const side: number[] = [];
  const sequence: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const write = (how: string) =>
      Promise.all(
        ['a', 'b', 'c', 'd'].map((letter) =>
          writeSmallTemplate(frame.folder, {
            ...{
              slug: `four-${letter}`,
              first: `${how}-${round}-${letter}`,
              last: 'one',
              workMiB: smallWorkMiB,
            },
          }),
        ),
      );
    side.push(await timedBatch(context, await write('batch')));
    const templates = await write('sequence');
    const calledMs = performance.now();
    for (const template of templates) await timedBuild(context, template, 0);
    sequence.push((performance.now() - calledMs) / 1000);
    frame.say(`four builds: ${round + 1} of ${rounds}`);
  }
  return {
    caption: 'Seconds; median (least–most), and times one after the other in the same round.',
    columns: ['four builds', 'n', 'time', '× in sequence'],
    rows: [
      ['in one batch', String(rounds), withSpread(side), figure(median(ratios(sequence, side)))],
      ['one after the other', String(rounds), withSpread(sequence), figure(1)],
    ],
  };
}
