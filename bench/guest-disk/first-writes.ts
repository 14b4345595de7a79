/** What a first small write costs an overlay, without an emulated processor between. */
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { qemuImg } from '../frame/copy-of-machine.ts';

export interface FirstWrites {
  readonly what: string;
  readonly ours: readonly number[];
  readonly standard: readonly number[];
}

/** As `src/node/disks/empty-qcow2.ts` makes one. */
const ingots = ['-o', 'cluster_size=128k,extended_l2=on'];
const writes = 3_000;
/** Each write has a cluster of its own in either overlay. */
const strideBytes = 132 * 1024;

export async function firstWrites(
  source: string,
  folder: string,
  rounds: number,
): Promise<readonly FirstWrites[]> {
  const base = join(folder, 'first-writes.raw');
  await copyFile(source, base);
  const found: FirstWrites[] = [];
  for (const { what, cache } of [
    { what: 'page cache', cache: 'writeback' },
    { what: 'past the page cache', cache: 'none' },
  ]) {
    const [ours, standard]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      ours.push(await rate(base, ingots, cache));
      standard.push(await rate(base, [], cache));
    }
    found.push({ what, ours, standard });
  }
  await rm(base);
  return found;
}

/** Thousands of writes per second into a new overlay. */
async function rate(base: string, options: readonly string[], cache: string): Promise<number> {
  const overlay = `${base}.qcow2`;
  await qemuImg('create', '-q', '-f', 'qcow2', ...options, '-F', 'raw', '-b', base, overlay);
  const load = ['-w', '-c', String(writes), '-d', '8', '-s', '4096', '-S', String(strideBytes)];
  const said = await qemuImg('bench', '-f', 'qcow2', '-t', cache, ...load, overlay);
  await rm(overlay);
  return writes / Number(/completed in ([\d.]+)/.exec(said)?.[1]) / 1000;
}
