/**
 * Real Debian disks of one lineage in the vault, beside borg, restic and casync: speed, size, what they share.
 * Needs root and loop devices, a Debian mirror the first time, qemu-utils, and the peers.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type LineageDisk, lineageDisks } from './debian-lineage/disks.ts';
import { copyLast, countBlocks } from './debian-lineage/look-inside.ts';
import { lineageReport, type Row } from './debian-lineage/report.ts';
import { fromLayers, openVaultIn, storersIn } from './debian-lineage/storers.ts';
import type { Report } from './frame/report.ts';
import { type BenchFrame, runBench } from './frame/run-bench.ts';
import { spentBy } from './frame/spent.ts';
import { bytesOf } from './vault/peers.ts';

await runBench('debian-lineage', async (frame): Promise<Report> => {
  const rounds = frame.quick ? 1 : 3;
  const disks = await lineageDisks(frame);
  const rows = await storeInTurn(frame, disks, rounds);
  frame.say('copying to other regions');
  const vault = openVaultIn(join(storesOf(frame, rounds), fromLayers));
  const blocks = await countBlocks(vault, disks);
  const copy = await copyLast(vault, frame.folder, disks);
  const blockMiB = vault.blockBytes / 2 ** 20;
  await vault.close();
  return lineageReport({ rounds, disks, rows, blocks, blockMiB, copy });
});

/** Disk by disk, so that all programs store the same one within a minute or two. */
async function storeInTurn(
  frame: BenchFrame,
  disks: readonly LineageDisk[],
  rounds: number,
): Promise<readonly Row[]> {
  const rows = storersIn('').map(({ name }) => ({
    name,
    seconds: disks.map((): number[] => []),
    cpuSeconds: disks.map((): number[] => []),
    addedBytes: [] as number[],
  }));
  for (let round = 1; round <= rounds; round++) {
    const storers = storersIn(storesOf(frame, round));
    for (const { prepare, folder: store } of storers) {
      mkdirSync(store, { recursive: true });
      prepare();
    }
    for (const [n, disk] of disks.entries()) {
      for (const [each, storer] of storers.entries()) {
        frame.say(`round ${round} of ${rounds}: ${storer.name}, ${disk.name}`);
        const before = bytesOf(storer.folder);
        const spent = await spentBy(() => storer.store(disk, n));
        rows[each]?.seconds[n]?.push(spent.seconds);
        rows[each]?.cpuSeconds[n]?.push(spent.cpuSeconds);
        (rows[each]?.addedBytes ?? [])[n] = bytesOf(storer.folder) - before;
      }
    }
  }
  return rows;
}

/** New for every round, and removed in the end: ext4 is slow to make files for half a minute after many were deleted. */
function storesOf({ folder }: BenchFrame, round: number): string {
  return join(folder, `stores-${round}`);
}
