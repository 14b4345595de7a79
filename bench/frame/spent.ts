/** What work costs: time, and processor time of this process with the programs that it ran to their end. */
import { readFileSync } from 'node:fs';

export interface Spent {
  readonly seconds: number;
  /** Of all processors, user and system. */
  readonly cpuSeconds: number;
}

export async function spentBy(work: () => unknown): Promise<Spent> {
  const [begun, cpuBefore] = [performance.now(), cpuSeconds()];
  await work();
  return { seconds: (performance.now() - begun) / 1000, cpuSeconds: cpuSeconds() - cpuBefore };
}

/** Linux counts in hundredths: utime, stime, cutime and cstime of proc_pid_stat(5). */
function cpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}
