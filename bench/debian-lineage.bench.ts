/**
 * Real Debian disks of one lineage in the vault, beside borg, restic and casync: speed, size, what they share.
 * Needs root and loop devices, a Debian mirror the first time, qemu-utils, and the peers.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type LineageDisk, lineageDisks } from './debian-lineage/disks.ts';
import { copyLast, countBlocks } from './debian-lineage/look-inside.ts';
import { lineageReport, type Row } from './debian-lineage/report.ts';
import { fromLayers, openVaultIn, type Storer, storersIn } from './debian-lineage/storers.ts';
import type { Report } from './frame/report.ts';
import { type BenchFrame, runBench } from './frame/run-bench.ts';
import { bytesOf } from './vault/peers.ts';

await runBench('debian-lineage', async (frame): Promise<Report> => {
  const rounds = frame.quick ? 1 : 3;
  const disks = await lineageDisks(frame);
  const rows = await storeInTurn(frame, disks, rounds);
  frame.say('copying to other regions');
  const vault = openVaultIn(join(frame.folder, 'stores', fromLayers));
  const blocks = await countBlocks(vault, disks);
  const copy = await copyLast(vault, frame.folder, disks);
  const blockMiB = vault.blockBytes / 2 ** 20;
  await vault.close();
  return lineageReport({ rounds, disks, rows, blocks, blockMiB, copy });
});

/** Disk by disk, so that all programs store the same one within a minute or two. */
async function storeInTurn(
  { folder, say }: BenchFrame,
  disks: readonly LineageDisk[],
  rounds: number,
): Promise<readonly Row[]> {
  const stores = join(folder, 'stores');
  const storers = storersIn(stores);
  const rows: readonly (Row & { readonly storer: Storer })[] = storers.map((storer) => ({
    ...{ storer, name: storer.name },
    seconds: disks.map(() => []),
    addedBytes: [],
  }));
  for (let round = 1; round <= rounds; round++) {
    rmSync(stores, { recursive: true, force: true });
    mkdirSync(stores);
    for (const { prepare, folder: store } of storers) {
      mkdirSync(store);
      prepare();
    }
    for (const [n, disk] of disks.entries()) {
      for (const { storer, name, seconds, addedBytes } of rows) {
        say(`round ${round} of ${rounds}: ${name}, ${disk.name}`);
        const before = bytesOf(storer.folder);
        const begun = performance.now();
        await storer.store(disk, n);
        seconds[n]?.push((performance.now() - begun) / 1000);
        addedBytes[n] = bytesOf(storer.folder) - before;
      }
    }
  }
  return rows;
}
