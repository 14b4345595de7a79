/**
 * What the vault costs beside borg, restic and casync on the same disks, and beside qemu-nbd on the same reads.
 *   node bench/vault.ts [--mebibytes 600] [--rounds 1] [--without casync,restic] [--json file]
 * Needs qemu-utils, e2fsprogs, cpio, libnbd-bin, and the peers. A shared machine is noisy: read the ratios.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SnapshotId } from '../src/platform/ids.ts';
import { silentLog } from '../src/platform/log.ts';
import { directoryStore, openQcow2Source, openRawSource, openVault, type Vault } from '../src/vault/vault.ts';
import { type BenchData, makeData } from './vault/data.ts';
import { compareNbd, median } from './vault/nbd.ts';
import { bytesOf, peersIn } from './vault/peers.ts';

const { values } = parseArgs({
  options: {
    mebibytes: { type: 'string', default: '600' },
    rounds: { type: 'string', default: '1' },
    without: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(tmpdir(), 'ingot-bench-vault-'));
const id = (n: number) => `snap-${String(n).padStart(17, '0')}` as SnapshotId;
const open = (name: string): Vault =>
  openVault({
    store: directoryStore(join(folder, name)),
    regionName: name,
    cacheDirectory: join(folder, `${name}-cache`),
    log: silentLog,
  });

async function seconds(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

interface Row {
  readonly name: string;
  readonly first: number[];
  readonly second: number[];
  bytesFirst: number;
  bytesBoth: number;
}

async function ingestBoth(data: BenchData, name: string, row: Row): Promise<void> {
  const vault = open(name);
  row.first.push(
    await seconds(async () => {
      const source = await openQcow2Source(data.baseLayer, { backing: 'refuse' });
      await vault.ingestSnapshot({ snapshotId: id(1), source, priority: 'foreground' });
      await source.close();
    }),
  );
  row.bytesFirst = bytesOf(join(folder, name));
  row.second.push(
    await seconds(async () => {
      const raw = await openRawSource(data.upgraded);
      const source = {
        ...raw,
        async *extents() {
          yield* data.changes;
        },
      };
      await vault.ingestSnapshot({
        snapshotId: id(2),
        parentSnapshotId: id(1),
        source,
        priority: 'foreground',
      });
      await raw.close();
    }),
  );
  row.bytesBoth = bytesOf(join(folder, name));
  await vault.close();
}

async function compareIngest(data: BenchData): Promise<readonly Row[]> {
  const peers = peersIn(folder).filter(({ name }) => !values.without.split(',').includes(name));
  const rows: Row[] = ['vault', ...peers.map(({ name }) => name)].map((name) => ({
    name,
    first: [],
    second: [],
    bytesFirst: 0,
    bytesBoth: 0,
  }));
  for (let round = 0; round < rounds; round++) {
    await ingestBoth(data, `vault-${round}`, rows[0] as Row);
    for (const [n, peer] of peers.entries()) {
      const row = rows[n + 1] as Row;
      rmSync(peer.repository, { recursive: true, force: true });
      peer.prepare();
      row.first.push(await seconds(() => peer.store(data.base, 'base')));
      row.bytesFirst = bytesOf(peer.repository);
      row.second.push(await seconds(() => peer.store(data.upgraded, 'upgraded')));
      row.bytesBoth = bytesOf(peer.repository);
    }
  }
  return rows;
}

/** Its first snapshot is in the target already; then the second moves. */
async function copyBetweenRegions() {
  const [from, to] = [open('vault-0'), open('copy')];
  const first = await from.copySnapshot({ snapshotId: id(1), to, copyId: id(1) });
  const time = await seconds(() => from.copySnapshot({ snapshotId: id(1), to, copyId: id(3) }));
  const before = bytesOf(join(folder, 'copy/chunks'));
  const second = await from.copySnapshot({ snapshotId: id(2), to, copyId: id(2) });
  const missing = bytesOf(join(folder, 'copy/chunks')) - before;
  await from.close();
  await to.close();
  return {
    firstBytes: first.bytesMoved,
    secondBytes: second.bytesMoved,
    missingBytes: missing,
    sameAgainSeconds: time,
  };
}

async function sixteenTebibytes() {
  const file = join(folder, 'large.qcow2');
  execFileSync('qemu-img', [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-o',
    'cluster_size=128k,extended_l2=on',
    file,
    '16T',
  ]);
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 1 5T 4M', '-c', 'write -P 2 15T 4M', file], {
    stdio: 'ignore',
  });
  const vault = open('large');
  let bytes = 0;
  const time = await seconds(async () => {
    const source = await openQcow2Source(file, { backing: 'refuse' });
    bytes = (await vault.ingestSnapshot({ snapshotId: id(1), source, priority: 'foreground' })).bytesStored;
    await source.close();
  });
  await vault.close();
  return { seconds: time, bytesStored: bytes };
}

async function serveWarm(data: BenchData) {
  const disk = join(folder, 'served.raw');
  execFileSync('bash', [
    '-c',
    `qemu-img convert -O raw ${data.baseLayer} ${disk}.all; dd if=${disk}.all of=${disk} bs=1M skip=64 count=256 status=none; tr '\\0' 'x' < ${disk} > ${disk}.full; mv ${disk}.full ${disk}; rm ${disk}.all`,
  ]);
  const vault = open('served');
  const source = await openRawSource(disk);
  await vault.ingestSnapshot({ snapshotId: id(1), source });
  const server = await vault.serve(join(folder, 'vault.sock'));
  const { uri, hydrated } = await server.add(id(1), { hydrateBytesPerSecond: 1e12 });
  await hydrated;
  const figures = await compareNbd(folder, disk, source.sizeBytes, uri, Math.max(3, rounds));
  await server.close();
  await source.close();
  await vault.close();
  return figures;
}

try {
  const data = makeData(folder, Number(values.mebibytes));
  const rows = await compareIngest(data);
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  const ours = rows[0] as Row;
  const changedMiB = (data.changes.length * 64) / 1024;
  const ingest = rows.map((row) => ({
    name: row.name,
    'first s': median(row.first).toFixed(2),
    'x vault': (median(row.first) / median(ours.first)).toFixed(1),
    'incremental s': median(row.second).toFixed(2),
    'x vault ': (median(row.second) / median(ours.second)).toFixed(1),
    'stored MiB': (row.bytesFirst / 2 ** 20).toFixed(0),
    'added MiB': ((row.bytesBoth - row.bytesFirst) / 2 ** 20).toFixed(0),
  }));
  console.log(
    `${values.mebibytes} MiB of files in a disk four times as large; ${changedMiB.toFixed(0)} MiB changed (64 KiB grid)`,
  );
  console.table(ingest);
  const [nbd, copy, large] = [await serveWarm(data), await copyBetweenRegions(), await sixteenTebibytes()];
  console.table(
    nbd.map(({ what, unit, vault, qemuNbd }) => ({
      what,
      unit,
      vault: vault.toFixed(0),
      'qemu-nbd': qemuNbd.toFixed(0),
      ratio: (vault / qemuNbd).toFixed(2),
    })),
  );
  console.log('copy between regions', copy);
  console.log('16 TiB with 8 MiB written', large, `peak memory of the ingest ${peakMiB.toFixed(0)} MiB`);
  const result = { ingest: rows, changedMiB, nbd, copy, large, peakMiB };
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
  else console.log(JSON.stringify(result));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
