/**
 * The frame of every measurement: a folder that ends with it, the machine's facts, the printed tables and the
 * result under bench/results. With `--quick` it is only tried: fewer rounds, and nothing is kept.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineFacts, watchDisturbance } from './machine-facts.ts';
import { type Report, type Result, tableMarkdown } from './report.ts';

export const resultsFolder = join(import.meta.dirname, '..', 'results');

export interface BenchFrame {
  /** Empty at first, removed in the end. */
  readonly folder: string;
  readonly quick: boolean;
  /** To be done in the end, the last one first, whatever happened. */
  readonly undo: (step: () => Promise<unknown>) => void;
  /** Tells people how far it is. */
  readonly say: (line: string) => void;
}

export async function runBench(name: string, measure: (frame: BenchFrame) => Promise<Report>): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
  const folder = await mkdtemp(join(tmpdir(), `ingot-bench-${name}-`));
  const steps: (() => Promise<unknown>)[] = [];
  const disturbance = watchDisturbance();
  const startedMs = performance.now();
  const interrupted = Promise.withResolvers<never>();
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => interrupted.reject(new Error('The measurement was interrupted')));
  }
  try {
    const measured = measure({
      folder,
      quick: values.quick,
      undo: (step) => steps.push(step),
      say: (line) => process.stderr.write(`  ${line}\n`),
    });
    const report = await Promise.race([measured, interrupted.promise]);
    const result: Result = {
      name,
      measuredAt: new Date().toISOString(),
      seconds: Math.round((performance.now() - startedMs) / 1000),
      machine: machineFacts(),
      ...disturbance(),
      report,
    };
    process.stdout.write(`${report.tables.map(tableMarkdown).join('\n\n')}\n`);
    if (!values.quick) await keep(result);
    steps.unshift(() => rm(folder, { recursive: true, force: true }));
  } catch (error) {
    process.stderr.write(`  kept for a look: ${folder}\n`);
    throw error;
  } finally {
    for (const step of steps.reverse()) await step();
  }
  process.exit();
}

async function keep(result: Result): Promise<void> {
  await mkdir(resultsFolder, { recursive: true });
  await writeFile(join(resultsFolder, `${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}
