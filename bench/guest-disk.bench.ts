/**
 * A clone's disk as the guest sees it, beside bare QEMU on a raw file and on a default qcow2 overlay. Two guests
 * of the same image and command line, one of Ingot and one by hand; fio runs in one at a time, in turn.
 */
import { join } from 'node:path';
import { addTiny, bootMachine, startOwnServer } from './frame/own-server.ts';
import type { Report } from './frame/report.ts';
import { runBench } from './frame/run-bench.ts';
import { ratios, withSpread } from './frame/statistics.ts';
import { bootBare } from './guest-disk/bare-machine.ts';
import { cloneOf, fullVolume, layerOf } from './guest-disk/clone.ts';
import { bringFio, fio, type Load } from './guest-disk/fio.ts';
import { firstWrites } from './guest-disk/first-writes.ts';

const regionMiB = 128;

/** In this order on each fresh region: the second load is what allocates all of it. */
const loads: readonly Load[] = [
  { name: 'first random writes, 4 KiB', rw: 'randwrite', block: '4k', mebibytes: 16, unit: 'IOPS' },
  { name: 'first sequential writes, 1 MiB', rw: 'write', block: '1M', mebibytes: regionMiB, unit: 'MiB/s' },
  { name: 'sequential writes, 1 MiB', rw: 'write', block: '1M', mebibytes: regionMiB, unit: 'MiB/s' },
  { name: 'sequential reads, 1 MiB', rw: 'read', block: '1M', mebibytes: regionMiB, unit: 'MiB/s' },
  { name: 'random writes, 4 KiB', rw: 'randwrite', block: '4k', mebibytes: 16, unit: 'IOPS' },
  { name: 'random reads, 4 KiB', rw: 'randread', block: '4k', mebibytes: 16, unit: 'IOPS' },
];

await runBench('guest-disk', async (frame): Promise<Report> => {
  const rounds = frame.quick ? 1 : 3;
  const server = await startOwnServer(frame);
  await addTiny(server, frame);
  const machine = await bootMachine(server, frame, 'clone');
  const snapshotId = await fullVolume(server, machine);
  const clone = await cloneOf(server, machine, snapshotId);
  const source = await layerOf(server, machine, clone.volumeId, frame.folder);
  frame.say('booting bare QEMU');
  const bare = await bootBare(server, machine, { source, folder: join(frame.folder, 'bare') });
  frame.undo(() => bare.stop());
  frame.say('bringing fio into both');
  for (const { ssh } of [machine, bare]) await bringFio(ssh, frame.folder);

  const targets = [
    { ssh: machine.ssh, disk: clone.disk },
    { ssh: bare.ssh, disk: bare.rawDisk },
    { ssh: bare.ssh, disk: bare.overlayDisk },
  ] as const;
  const measured = loads.map((load) => ({ load, figures: targets.map((): number[] => []) }));
  for (let round = 0; round < rounds; round++) {
    frame.say(`round ${round + 1} of ${rounds}`);
    for (const { load, figures } of measured) {
      for (const [index, { ssh, disk }] of targets.entries()) {
        figures[index]?.push(await fio(ssh, disk, load, { offsetMiB: round * regionMiB, regionMiB }));
      }
    }
  }
  frame.say('first writes without a guest');
  const alone = await firstWrites(source, frame.folder, frame.quick ? 1 : 5);
  return {
    title: 'A clone’s disk in the guest',
    method: [
      'A volume of 1 GiB, half of it written from its start, is snapshotted; a volume made of the snapshot is the clone. The raw file holds the same bytes; the default overlay is `qemu-img create -b` without options over another such raw file.',
      'Ingot’s machine has the clone; the other two disks are in a QEMU started by hand with the same command line, each as `-drive if=none` with QEMU’s defaults. Both guests are tiny, with fio 3 as Debian has it.',
      `fio with libaio, direct, queue depth 8, on a region of ${regionMiB} MiB that nobody wrote before, a new one each round; the three disks in turn for each load. Random loads touch 16 MiB of it. n = ${rounds} rounds.`,
      'Without a guest: `qemu-img bench -w` writes 4 KiB once into each stretch of the overlay, over the same raw file, with the host’s page cache (as machines run) and past it.',
    ],
    tables: [
      {
        caption: 'Median (least–most).',
        columns: ['load', 'clone', 'raw file', 'default overlay', 'clone ÷ raw', 'clone ÷ default overlay'],
        rows: measured.map(({ load, figures: [ours = [], raw = [], overlay = []] }) => [
          load.name,
          withSpread(ours, load.unit),
          withSpread(raw, load.unit),
          withSpread(overlay, load.unit),
          withSpread(ratios(raw, ours), '×'),
          withSpread(ratios(overlay, ours), '×'),
        ]),
      },
      {
        caption:
          'The same overlays without a guest; thousands of first writes per second, median (least–most).',
        columns: ['load', 'overlay as Ingot makes it', 'default overlay', 'Ingot’s ÷ default'],
        rows: alone.map(({ what, ours, standard }) => [
          what,
          withSpread(ours),
          withSpread(standard),
          withSpread(ratios(standard, ours), '×'),
        ]),
      },
    ],
    notes: [
      'An emulated guest spends most of a request’s time in itself, so that disks look more alike than under KVM.',
    ],
  };
});
