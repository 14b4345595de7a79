/**
 * What the vault costs beside borg, restic and casync on the same disks, and beside qemu-nbd on the same reads.
 * Needs qemu-utils, e2fsprogs, cpio, libnbd-bin, and the peers.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SnapshotId } from '../src/platform/ids.ts';
import { silentLog } from '../src/platform/log.ts';
import { directoryStore, openQcow2Source, openRawSource, openVault, type Vault } from '../src/vault/vault.ts';
import type { Report } from './frame/report.ts';
import { runBench } from './frame/run-bench.ts';
import { figure, ratios, withSpread } from './frame/statistics.ts';
import { type BenchData, makeData } from './vault/data.ts';
import { compareNbd } from './vault/nbd.ts';
import { bytesOf, peersIn } from './vault/peers.ts';

await runBench('vault', async (frame): Promise<Report> => {
  const mebibytes = frame.quick ? 40 : 300;
  const rounds = frame.quick ? 1 : 2;
  frame.say('making disks');
  const data = makeData(frame.folder, mebibytes);
  const rows = await compareIngest(frame.folder, data, rounds, frame.say);
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  frame.say('serving, copying, 16 TiB');
  const nbd = await serveWarm(frame.folder, data, rounds);
  const copy = await copyBetweenRegions(frame.folder);
  const large = await sixteenTebibytes(frame.folder);
  return report({ mebibytes, rounds, data, rows, peakMiB, nbd, copy, large });
});

function id(n: number): SnapshotId {
  return `snap-${String(n).padStart(17, '0')}` as SnapshotId;
}

function open(folder: string, name: string): Vault {
  return openVault({
    store: directoryStore(join(folder, name)),
    regionName: name,
    log: silentLog,
  });
}

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

async function ingestBoth(folder: string, data: BenchData, name: string, row: Row): Promise<void> {
  const vault = open(folder, name);
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

async function compareIngest(
  folder: string,
  data: BenchData,
  rounds: number,
  say: (line: string) => void,
): Promise<readonly Row[]> {
  const rows: Row[] = ['vault', ...peersIn('').map(({ name }) => name)].map((name) => ({
    name,
    first: [],
    second: [],
    bytesFirst: 0,
    bytesBoth: 0,
  }));
  for (let round = 0; round < rounds; round++) {
    await ingestBoth(folder, data, `vault-${round}`, rows[0] as Row);
    // Nothing is removed in between: ext4 is slow to make files for half a minute after many were deleted.
    const own = join(folder, `peers-${round}`);
    mkdirSync(own);
    for (const [n, peer] of peersIn(own).entries()) {
      const row = rows[n + 1] as Row;
      say(`round ${round + 1} of ${rounds}: ${peer.name}`);
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
async function copyBetweenRegions(folder: string) {
  const [from, to] = [open(folder, 'vault-0'), open(folder, 'copy')];
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

async function sixteenTebibytes(folder: string) {
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
  const vault = open(folder, 'large');
  let bytes = 0;
  const time = await seconds(async () => {
    const source = await openQcow2Source(file, { backing: 'refuse' });
    bytes = (await vault.ingestSnapshot({ snapshotId: id(1), source, priority: 'foreground' })).bytesStored;
    await source.close();
  });
  await vault.close();
  return { seconds: time, bytesStored: bytes };
}

async function serveWarm(folder: string, data: BenchData, rounds: number) {
  const disk = join(folder, 'served.raw');
  execFileSync('bash', [
    '-c',
    `qemu-img convert -O raw ${data.baseLayer} ${disk}.all; dd if=${disk}.all of=${disk} bs=1M skip=64 count=256 status=none; tr '\\0' 'x' < ${disk} > ${disk}.full; mv ${disk}.full ${disk}; rm ${disk}.all`,
  ]);
  const vault = open(folder, 'served');
  const source = await openRawSource(disk);
  await vault.ingestSnapshot({ snapshotId: id(1), source });
  const server = await vault.serve(join(folder, 'vault.sock'));
  const copy = join(folder, 'served.copy');
  const { uri, complete } = await server.add(id(1), { file: copy, hydrateBytesPerSecond: 1e12 });
  await complete;
  const figures = await compareNbd(folder, disk, source.sizeBytes, uri, Math.max(3, rounds));
  await server.close();
  await source.close();
  await vault.close();
  return figures;
}

interface Findings {
  readonly mebibytes: number;
  readonly rounds: number;
  readonly data: BenchData;
  readonly rows: readonly Row[];
  readonly peakMiB: number;
  readonly nbd: Awaited<ReturnType<typeof compareNbd>>;
  readonly copy: Awaited<ReturnType<typeof copyBetweenRegions>>;
  readonly large: Awaited<ReturnType<typeof sixteenTebibytes>>;
}

function report({ mebibytes, rounds, data, rows, peakMiB, nbd, copy, large }: Findings): Report {
  const [ours] = rows;
  const mib = (bytes: number) => figure(bytes / 2 ** 20);
  const changedMiB = (data.changes.length * 64) / 1024;
  const times = (values: readonly number[], own: readonly number[] = []) =>
    values === own ? '1' : withSpread(ratios(own, values), '×');
  return {
    title: 'The vault',
    method: [
      `An ext4 of ${mebibytes} MiB of this machine’s programs in a disk four times as large; then an upgrade in place that changes ${figure(changedMiB)} MiB of it (64 KiB grid). Each program stores the first disk in an empty store and then the second beside it; the vault is told which blocks changed, as a layer tells it.`,
      `borg 1.2 with fixed blocks of 512 KiB, zstd,1 and --sparse; restic and casync as they come. In turn, n = ${rounds}.`,
      'Reads: the same 256 MiB without holes from the vault’s NBD server, all of it at hand, and from `qemu-nbd` on a raw file; `qemu-img bench` and `nbdcopy` in turn.',
    ],
    tables: [
      {
        caption: 'Storing. Seconds, median (least–most), and how many times the vault’s.',
        columns: ['program', 'first', '÷ vault', 'second', '÷ vault', 'stored MiB', 'added MiB'],
        rows: rows.map((row) => [
          row.name,
          withSpread(row.first),
          times(row.first, ours?.first),
          withSpread(row.second),
          times(row.second, ours?.second),
          mib(row.bytesFirst),
          mib(row.bytesBoth - row.bytesFirst),
        ]),
      },
      {
        caption: 'Reading over NBD, warm; medians.',
        columns: ['load', 'unit', 'vault', 'qemu-nbd', 'vault ÷ qemu-nbd'],
        rows: nbd.map(({ what, unit, vault, qemuNbd }) => [
          ...[what, unit, figure(vault), figure(qemuNbd)],
          `${figure(vault / qemuNbd)} ×`,
        ]),
      },
      {
        caption: 'Other figures.',
        columns: ['what', 'figure'],
        rows: [
          ['copy to a region that has the first snapshot: MiB moved of the second', mib(copy.secondBytes)],
          ['of which blocks that were missing there', mib(copy.missingBytes)],
          ['copy of a snapshot whose blocks are all there', `${figure(copy.sameAgainSeconds * 1000)} ms`],
          ['16 TiB with 8 MiB written: ingest', `${figure(large.seconds * 1000)} ms`],
          ['peak memory of the process that ingested all of the above', `${figure(peakMiB)} MiB`],
        ],
      },
    ],
  };
}
