/**
 * CreateImage of a running machine, at rest and writing, with a second disk from 1 GiB to 16 TiB, beside what one would
 * do without it: a full copy of the same disks by `qemu-img convert`.
 */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  addTiny,
  type BenchMachine,
  bootMachine,
  type OwnServer,
  startOwnServer,
  terminate,
} from './frame/own-server.ts';
import type { Report } from './frame/report.ts';
import { type BenchFrame, runBench } from './frame/run-bench.ts';
import { attachDisk, spreadWrites, writtenLayers } from './frame/second-disk.ts';
import { figure, median, quantile, ratios, withSpread } from './frame/statistics.ts';

const execute = promisify(execFile);
/** Of each load; chains grow long enough to be shortened meanwhile, as those of a machine in use do. */
const imagesOfOne = 10;
const loads = ['at rest', 'writes'] as const;
const allDisks = [
  { sizeGiB: 1, writtenMiB: 256 },
  { sizeGiB: 8, writtenMiB: 256 },
  { sizeGiB: 64, writtenMiB: 256 },
  { sizeGiB: 16_384, writtenMiB: 256 },
  { sizeGiB: 64, writtenMiB: 16_384 },
] as const;
type Disk = (typeof allDisks)[number];
/** Writes 4 MiB and waits until the disk has them, again and again. */
const writer = 'while [ -e /tmp/on ]; do dd if=/tmp/x of=busy bs=256k count=16 conv=fsync; done';

await runBench('create-image', async (frame): Promise<Report> => {
  const disks = frame.quick ? allDisks.slice(0, 1) : allDisks;
  const machines = frame.quick ? 1 : 2;
  const server = await startOwnServer(frame);
  await addTiny(server, frame);
  const measured = disks.map((disk) => loads.map((load) => unmeasured(disk, load)));
  for (let number = 0; number < machines; number++) {
    for (const ofSize of measured) await measureOn(server, frame, ofSize);
  }
  const size = (mebibytes: number) => {
    const power = mebibytes < 2 ** 10 ? 0 : mebibytes < 2 ** 20 ? 1 : 2;
    return `${mebibytes / 1024 ** power} ${['MiB', 'GiB', 'TiB'][power]}`;
  };
  return {
    title: 'CreateImage of a running machine',
    method: [
      'A tiny machine (root disk 1 GiB) with a second disk of the given size, of which so much was written, all over it; the rest was never written. One image takes both disks.',
      'First the guest is at rest; then, while images are taken, it writes 4 MiB to its root file system and syncs them, without a pause.',
      `${machines} machines a size, ${imagesOfOne} images of each in either state through the official SDK. Then the same two disks are copied in full by \`qemu-img convert -O qcow2\`: the peer.`,
      '*Stall* is the QMP transaction in which all disks change over, timed in the node; *freeze* is from the guest agent’s freeze to its thaw, the stall included. *Answer* is the call as the client sees it. *Launchable* is from the call until the image is `available` and RunInstances of it has answered, once a machine.',
    ],
    tables: [
      {
        caption: 'Milliseconds; median (least–most).',
        columns: [
          'disk',
          'written',
          'guest',
          'n',
          'stall p50',
          'stall p99',
          'freeze p50',
          'answer beside the freeze',
          'launchable',
          'full copy, n',
          'full copy ÷ answer',
        ],
        rows: measured
          .flat()
          .map((one) => [
            size(one.disk.sizeGiB * 1024),
            size(one.disk.writtenMiB),
            one.load,
            String(one.stallMs.length),
            figure(median(one.stallMs)),
            figure(quantile(one.stallMs, 0.99)),
            withSpread(one.freezeMs),
            withSpread(one.besideMs),
            withSpread(one.launchableMs),
            `${withSpread(one.copyMs)}, ${one.copyMs.length}`,
            withSpread(ratios(one.pairedAnswerMs, one.copyMs), '×'),
          ]),
      },
    ],
    notes: [
      'A full copy takes longer the more was written; a root disk of about 60 MiB comes to what the table says. CreateImage copies nothing, so its time does not follow the data.',
      'With so few values the 99th percentile is the largest.',
    ],
  };
});

interface Measured {
  readonly disk: Disk;
  readonly load: (typeof loads)[number];
  readonly stallMs: number[];
  readonly freezeMs: number[];
  readonly besideMs: number[];
  readonly copyMs: number[];
  /** The answers of those images after which the copy was made. */
  readonly pairedAnswerMs: number[];
  readonly launchableMs: number[];
}

function unmeasured(disk: Disk, load: Measured['load']): Measured {
  return {
    ...{ disk, load },
    ...{ stallMs: [], freezeMs: [], besideMs: [], launchableMs: [], copyMs: [], pairedAnswerMs: [] },
  };
}

async function measureOn(server: OwnServer, frame: BenchFrame, ofSize: readonly Measured[]): Promise<void> {
  const { disk } = ofSize[0] ?? { disk: allDisks[0] };
  const machine = await bootMachine(
    server,
    frame,
    `with ${disk.sizeGiB} GiB, ${disk.writtenMiB} MiB written`,
  );
  const volumeId = await attachDisk(server, machine, disk.sizeGiB);
  await machine.run(spreadWrites(volumeId, disk));
  for (const one of ofSize) {
    if (one.load === 'writes') await machine.run(`touch /tmp/on; (${writer}) >/dev/null 2>&1 </dev/null &`);
    await measureLoad(server, frame, machine, one);
    await machine.run('rm -f /tmp/on');
  }
  machine.ssh.end();
  await terminate(server, machine.id);
}

async function measureLoad(
  server: OwnServer,
  frame: BenchFrame,
  machine: BenchMachine,
  one: Measured,
): Promise<void> {
  const images: MadeImage[] = [];
  for (let number = 0; number < imagesOfOne; number++) {
    images.push(await takeImage(server, machine, `${machine.id}-${one.load.replace(' ', '-')}-${number}`));
  }
  const last = images.at(-1);
  if (last === undefined) return;
  one.launchableMs.push(await launchFrom(server, last));
  for (const { stallMs, freezeMs, answerMs } of images) {
    one.stallMs.push(stallMs);
    one.freezeMs.push(freezeMs);
    one.besideMs.push(answerMs - freezeMs);
  }
  one.pairedAnswerMs.push(last.answerMs);
  one.copyMs.push(await copyInFull(server, machine, frame.folder));
}

interface MadeImage {
  readonly imageId: string;
  readonly calledMs: number;
  readonly answerMs: number;
  readonly stallMs: number;
  readonly freezeMs: number;
}

async function takeImage({ ec2 }: OwnServer, machine: BenchMachine, name: string): Promise<MadeImage> {
  const calledMs = performance.now();
  const { ImageId: imageId = '' } = await ec2.createImage({ InstanceId: machine.id, Name: name });
  const answerMs = performance.now() - calledMs;
  const { Images: [image] = [] } = await ec2.describeImages({ ImageIds: [imageId] });
  const tags = new Map((image?.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  if (image?.State !== 'available' || tags.get('ingot:consistency') !== 'filesystem') {
    throw new Error(
      `${imageId} is ${image?.State}, ${tags.get('ingot:consistency')}; expected available, filesystem`,
    );
  }
  const ms = (tag: string) => Number(tags.get(tag));
  return { imageId, calledMs, answerMs, stallMs: ms('ingot:stall-ms'), freezeMs: ms('ingot:freeze-ms') };
}

async function launchFrom(server: OwnServer, image: MadeImage): Promise<number> {
  const { Instances: [instance] = [] } = await server.ec2.runInstances({
    ImageId: image.imageId,
    InstanceType: 't3.nano',
    MinCount: 1,
    MaxCount: 1,
  });
  const launchableMs = performance.now() - image.calledMs;
  await terminate(server, instance?.InstanceId ?? '');
  return launchableMs;
}

/** Of what the last image holds: the layers below those that the machine writes now. */
async function copyInFull(server: OwnServer, machine: BenchMachine, folder: string): Promise<number> {
  const frozen = await Promise.all(
    (await writtenLayers(server, machine)).map(async (layerId) => {
      const file = join(server.layersFolder, `${layerId}.qcow2`);
      const { stdout } = await execute('qemu-img', ['info', '-U', '--output=json', file]);
      const info = JSON.parse(stdout) as { readonly 'full-backing-filename'?: string };
      return info['full-backing-filename'] ?? file;
    }),
  );
  const target = join(folder, 'copy.qcow2');
  const startedMs = performance.now();
  for (const file of frozen) await execute('qemu-img', ['convert', '-U', '-O', 'qcow2', file, target]);
  const copyMs = performance.now() - startedMs;
  await rm(target);
  return copyMs;
}
