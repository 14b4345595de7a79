/** What the vault's own store says of the lineage, and what a copy of its last disk moves. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Vault } from '../../src/vault/vault.ts';
import type { LineageDisk } from './disks.ts';
import { openVaultIn, snapshotId } from './storers.ts';

export interface BlockCounts {
  readonly stored: number;
  /** Of those, the ones that no disk before it has. */
  readonly fresh: number;
}

export async function countBlocks(
  vault: Vault,
  disks: readonly LineageDisk[],
): Promise<readonly BlockCounts[]> {
  const seen = new Set<string>();
  const counts: BlockCounts[] = [];
  for (const n of disks.keys()) {
    const before = seen.size;
    let stored = 0;
    for await (const { digest } of vault.listBlocks(snapshotId(n))) {
      stored++;
      seen.add(digest);
    }
    counts.push({ stored, fresh: seen.size - before });
  }
  return counts;
}

export interface CopyFigures {
  readonly bytesMoved: number;
  readonly seconds: number;
}

/** Into a region that has the disks before it, and into an empty one. What arrives is compared with the raw file. */
export async function copyLast(vault: Vault, folder: string, disks: readonly LineageDisk[]) {
  const last = disks.length - 1;
  const copyTo = async (region: string, ids: readonly number[]): Promise<CopyFigures> => {
    const to = openVaultIn(join(folder, region));
    for (const n of ids) await vault.copySnapshot({ snapshotId: snapshotId(n), to, copyId: snapshotId(n) });
    const begun = performance.now();
    const copyId = snapshotId(last);
    const { bytesMoved } = await vault.copySnapshot({ snapshotId: copyId, to, copyId });
    const seconds = (performance.now() - begun) / 1000;
    const restored = join(folder, `${region}.raw`);
    await to.restoreSnapshot({ snapshotId: copyId, file: restored });
    execFileSync('cmp', [restored, disks[last]?.raw ?? '']);
    await to.close();
    return { bytesMoved, seconds };
  };
  return {
    toRelative: await copyTo('region-with-parents', [...disks.keys()].slice(0, last)),
    toEmpty: await copyTo('empty-region', []),
  };
}
