/** What the figures depend on and what else ran meanwhile. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import type { MachineFacts } from './report.ts';

export function machineFacts(): MachineFacts {
  const [first] = cpus();
  const emulator = process.arch === 'arm64' ? 'qemu-system-aarch64' : 'qemu-system-x86_64';
  const version = execFileSync(emulator, ['--version'], { encoding: 'utf8' });
  return {
    processor: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    qemu: /version ([\d.]+)/.exec(version)?.[1] ?? 'unknown',
    node: process.versions.node,
  };
}

export interface Disturbance {
  readonly load: readonly [number, number];
  readonly stealPercent: number;
}

/** Watches what others take of this machine until the returned function is called. */
export function watchDisturbance(): () => Disturbance {
  const [loadBefore = 0] = loadavg();
  const before = processorTimes();
  return () => {
    const [loadAfter = 0] = loadavg();
    const after = processorTimes();
    const total = after.total - before.total;
    return {
      load: [loadBefore, loadAfter],
      stealPercent: total === 0 ? 0 : (100 * (after.steal - before.steal)) / total,
    };
  };
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal. */
function processorTimes(): { readonly total: number; readonly steal: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const times = line.split(/\s+/).slice(1, 9).map(Number);
  return { total: times.reduce((sum, time) => sum + time, 0), steal: times[7] ?? 0 };
}
