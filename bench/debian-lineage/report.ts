/** The figures as tables. */
import type { Report, Table } from '../frame/report.ts';
import { figure, median, ratios, withSpread } from '../frame/statistics.ts';
import { type LineageDisk, packages } from './disks.ts';
import type { BlockCounts, copyLast } from './look-inside.ts';

export interface Row {
  readonly name: string;
  /** By disk, then by round. */
  readonly seconds: readonly number[][];
  /** Of all processors, by disk, then by round. */
  readonly cpuSeconds: readonly number[][];
  /** By disk, in the last round. */
  readonly addedBytes: number[];
}

export interface Findings {
  readonly rounds: number;
  readonly disks: readonly LineageDisk[];
  readonly rows: readonly Row[];
  readonly blocks: readonly BlockCounts[];
  readonly blockMiB: number;
  readonly copy: Awaited<ReturnType<typeof copyLast>>;
}

const mib = (bytes: number) => figure(bytes / 2 ** 20);
const percent = (share: number) => `${figure(100 * share)} %`;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

export function lineageReport(findings: Findings): Report {
  const { rounds, disks } = findings;
  const accounts = disks.map(({ name, account }) => `*${name}*: ${account}`);
  return {
    title: 'The vault: a lineage of Debian disks',
    method: [
      `Debian 12 of the recipe under \`guest/\`, a disk of 4 GiB; then \`apt-get install ${packages}\` as of the last point release; then \`apt-get dist-upgrade\` with Debian’s security updates; then one small package. ${accounts.join('; ')}.`,
      'No machine boots for the changes: the layer is mounted on the host through qemu-storage-daemon, and apt-get runs in it (chroot).',
      'borg 1.2 with fixed blocks of 512 KiB, zstd,1 and --sparse; restic and casync as they come. They read the raw file, all of it warm in the page cache. So does *vault, told nothing*: no parent, no map. *vault* is what CreateImage does: it reads the layer, whose map says what changed.',
      `Each program keeps a store of its own, and stores disk after disk in it; all of them one disk, then all the next; every round in new folders. *CPU s* are the processors’ seconds, user and system, which what else the machine does changes least. n = ${rounds}.`,
    ],
    tables: [
      disksTable(findings),
      ...disks.map((disk, n) => storingTable(findings, disk, n)),
      sizeTable(findings),
      copyTable(findings),
    ],
    notes: [
      'MB/s counts all data of the disk, whether a program had to look at it or not. The disks share blocks because each was made from the one before; disks built apart from each other would share next to nothing.',
    ],
  };
}

function disksTable({ disks, blocks, blockMiB }: Findings): Table {
  return {
    caption: 'The disks. Blocks are the vault’s, of 512 KiB; those of zeros are not counted.',
    columns: [
      'disk',
      'data MiB',
      'in its own layer MiB',
      'blocks MiB',
      'of which new MiB',
      'shared with those before',
    ],
    rows: disks.map(({ name, dataBytes, changedBytes }, n) => {
      const { stored = 0, fresh = 0 } = blocks[n] ?? {};
      const shared = n === 0 ? '–' : percent(1 - fresh / stored);
      return [
        name,
        mib(dataBytes),
        mib(changedBytes),
        figure(stored * blockMiB),
        figure(fresh * blockMiB),
        shared,
      ];
    }),
  };
}

function storingTable({ rows }: Findings, { name, dataBytes }: LineageDisk, n: number): Table {
  const own = rows[0]?.seconds[n] ?? [];
  return {
    caption: `Storing *${name}*${n === 0 ? ' in an empty store' : ' beside those before'}. Seconds, median (least–most), and how many times the vault’s.`,
    columns: ['program', 'seconds', '÷ vault', 'CPU s', 'MB/s', 'added MiB'],
    rows: rows.map(({ name: program, seconds, cpuSeconds, addedBytes }, index) => {
      const values = seconds[n] ?? [];
      const times = index === 0 ? '1' : withSpread(ratios(own, values), '×');
      return [
        program,
        withSpread(values),
        times,
        figure(median(cpuSeconds[n] ?? [])),
        figure(dataBytes / 1e6 / median(values)),
        mib(addedBytes[n] ?? 0),
      ];
    }),
  };
}

function sizeTable({ disks, rows }: Findings): Table {
  const data = sum(disks.map(({ dataBytes }) => dataBytes));
  return {
    caption: `All ${disks.length} disks: ${mib(data)} MiB of data.`,
    columns: ['program', 'stored MiB', 'data ÷ stored', 'all after the first, of the first'],
    rows: rows.map(({ name, addedBytes }) => {
      const [first = 0, ...later] = addedBytes;
      return [name, mib(sum(addedBytes)), `${figure(data / sum(addedBytes))} ×`, percent(sum(later) / first)];
    }),
  };
}

function copyTable({ disks, copy }: Findings): Table {
  const row = (what: string, { bytesMoved, seconds }: typeof copy.toEmpty) => [
    ...[what, mib(bytesMoved), figure(seconds)],
    percent(bytesMoved / copy.toEmpty.bytesMoved),
  ];
  return {
    caption: `Copying *${disks.at(-1)?.name}* to another region, a folder on the same disk; what arrived is byte for byte the raw file.`,
    columns: ['region', 'moved MiB', 'seconds', 'of a whole copy'],
    rows: [row('empty', copy.toEmpty), row('with the disks before it', copy.toRelative)],
  };
}
