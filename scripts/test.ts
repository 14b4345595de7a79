/**
 * Runs checks and the projects of vitest one after the other and ends with `N passed, N failed`, alone on the
 * last line. A file that can't be loaded, an error outside a test and a project without tests count as failed.
 *   node scripts/test.ts check | all | long [vitest arguments…]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

const root = join(import.meta.dirname, '..');
const steps = {
  check: ['types', 'style', 'unit'],
  all: ['types', 'style', 'unit', 'contract', 'machines'],
  long: ['types', 'style', 'unit', 'contract', 'machines', 'long'],
} as const;

const [which = 'all', ...filters] = process.argv.slice(2);
if (!isSuite(which)) throw new Error(`test.ts ${which}: give one of ${Object.keys(steps).join(', ')}`);
const tallies = steps[which].map(runStep);
const passed = sum(tallies.map((tally) => tally.passed));
const failed = sum(tallies.map((tally) => tally.failed));
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function isSuite(name: string): name is keyof typeof steps {
  return Object.hasOwn(steps, name);
}

function runStep(step: (typeof steps)['long'][number]): Tally {
  switch (step) {
    case 'types':
      return runTool(step, 'tsc', ['--noEmit']);
    case 'style':
      return runTool(step, 'biome', ['ci', '.']);
    default:
      return runProject(step);
  }
}

function runTool(step: string, program: string, args: readonly string[]): Tally {
  const startedAt = Date.now();
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  say(`${status === 0 ? '✓' : '✗'} ${step} (${program}, ${seconds(startedAt)})`);
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 };
}

function runProject(project: string): Tally {
  const startedAt = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'ingot-test-'));
  try {
    const file = join(folder, 'report.json');
    const args = [
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ];
    const { status } = spawnSync('vitest', [...args, ...filters], { cwd: root, stdio: 'inherit' });
    const tally = tallyOf(file, status);
    const ok = tally.failed === 0;
    say(
      `${ok ? '✓' : '✗'} ${project}: ${tally.passed} passed, ${tally.failed} failed (${seconds(startedAt)})`,
    );
    return tally;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function tallyOf(file: string, status: number | null): Tally {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return { passed: 0, failed: 1 };
  }
  const unloaded = report.testResults.filter(
    (result) => result.status === 'failed' && result.assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + unloaded;
  const fine = status === 0 && report.numPassedTests > 0;
  return { passed: report.numPassedTests, failed: failed === 0 && !fine ? 1 : failed };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function seconds(startedAt: number): string {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
