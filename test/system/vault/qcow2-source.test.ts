/** What QEMU writes is what we read, for every shape of qcow2 that QEMU makes. */
import { copyFile, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BlockSource } from '../../../src/vault/ingest/block-source.ts';
import { openQcow2Source } from '../../../src/vault/vault.ts';
import { run, type Temporary, temporary } from './temporary.ts';

let place: Temporary;
beforeEach(async () => {
  place = await temporary();
});
afterEach(() => place.close());

const shapes: readonly (readonly [string, string])[] = [
  ['version 2', 'compat=0.10'],
  ['version 3', 'compat=1.1'],
  ['the smallest clusters', 'cluster_size=512'],
  ['the largest clusters', 'cluster_size=2M'],
  ['what the node makes: extended L2', 'cluster_size=128k,extended_l2=on'],
  ['extended L2 with 16 KiB clusters', 'cluster_size=16k,extended_l2=on'],
  ['zstd', 'compression_type=zstd'],
];

async function readWhole(source: BlockSource): Promise<Buffer> {
  const content = Buffer.alloc(source.sizeBytes);
  // In odd steps, so that reads begin and end in the middle of everything.
  for (let at = 0; at < content.length; at += 300_007) {
    const length = Math.min(300_007, content.length - at);
    await source.read(at, length, content.subarray(at, at + length));
  }
  return content;
}

async function asQemuReads(file: string): Promise<Buffer> {
  const raw = `${file}.raw`;
  await run('qemu-img', 'convert', '-O', 'raw', file, raw);
  return await readFile(raw);
}

const io = (file: string, ...commands: readonly string[]) =>
  run('qemu-io', '-f', 'qcow2', ...commands.flatMap((command) => ['-c', command]), file);

describe.each(shapes)('%s', (_, options) => {
  test('reads a chain of written, zeroed, compressed and absent stretches as QEMU does', async () => {
    const [base, middle, top] = ['base.qcow2', 'middle.qcow2', 'top.qcow2'].map(place.path) as [
      string,
      string,
      string,
    ];
    await run('qemu-img', 'create', '-f', 'qcow2', '-o', options, base, '9M');
    await io(base, 'write -P 1 0 3M', 'write -P 2 4M 1M', 'write -P 3 8M 64k');
    await run('qemu-img', 'create', '-f', 'qcow2', '-o', options, '-b', 'base.qcow2', '-F', 'qcow2', middle);
    const compressed = options.includes('extended_l2') ? [] : ['write -c -P 6 6M 2M'];
    await io(middle, 'write -P 4 1M 4k', 'write -P 5 2052k 68k', ...compressed, 'write -z 64k 128k');
    await run(
      'qemu-img',
      'create',
      '-f',
      'qcow2',
      '-o',
      options,
      '-b',
      'middle.qcow2',
      '-F',
      'qcow2',
      top,
      '10M',
    );
    await io(top, 'write -P 7 512 512', 'write -z 4M 512k', 'write -P 8 9900k 100k');
    const source = await openQcow2Source(top, { backing: 'follow' });
    expect(source.sizeBytes).toBe(10 * 1024 * 1024);
    expect((await readWhole(source)).equals(await asQemuReads(top))).toBe(true);
    await source.close();
  });

  test('names every stretch that differs from the parent', async () => {
    const [base, top] = ['base.qcow2', 'top.qcow2'].map(place.path) as [string, string];
    await run('qemu-img', 'create', '-f', 'qcow2', '-o', options, base, '64M');
    await io(base, 'write -P 1 0 8M');
    await run('qemu-img', 'create', '-f', 'qcow2', '-o', options, '-b', 'base.qcow2', '-F', 'qcow2', top);
    await io(top, 'write -P 2 5M 4k', 'write -z 1M 64k', 'write -P 3 60M 10k');
    const source = await openQcow2Source(top, { backing: 'follow', since: base });
    const [before, after] = [await asQemuReads(base), await asQemuReads(top)];
    const named = Buffer.alloc(after.length);
    for await (const { offset, length, data } of source.extents()) {
      named.fill(1, offset, offset + length);
      if (!data) expect(after.subarray(offset, offset + length).every((byte) => byte === 0)).toBe(true);
    }
    let missed = 0;
    for (let at = 0; at < after.length; at++) if (before[at] !== after[at] && named[at] === 0) missed++;
    expect(missed).toBe(0);
    await source.close();
  });
});

test('reads compressed clusters that qemu-img convert wrote', async () => {
  const noise = place.path('noise.raw');
  await run(
    'sh',
    '-c',
    `head -c 5000000 /dev/urandom > ${noise}; head -c 5000000 /usr/bin/qemu-img >> ${noise}`,
  );
  for (const options of [
    'compression_type=zlib',
    'compression_type=zstd',
    'cluster_size=2M,compression_type=zstd',
  ]) {
    const file = place.path('packed.qcow2');
    await run('qemu-img', 'convert', '-c', '-O', 'qcow2', '-o', options, '-f', 'raw', noise, file);
    const source = await openQcow2Source(file, { backing: 'refuse' });
    expect((await readWhole(source)).equals(await asQemuReads(file))).toBe(true);
    await source.close();
  }
});

test('refuses what it does not read, with the reason and a way out', async () => {
  const [plain, overlay] = ['plain.qcow2', 'overlay.qcow2'].map(place.path) as [string, string];
  await run('qemu-img', 'create', '-f', 'qcow2', plain, '1M');
  await run('qemu-img', 'create', '-f', 'qcow2', '-b', 'plain.qcow2', '-F', 'qcow2', overlay);
  await expect(openQcow2Source(overlay, { backing: 'refuse' })).rejects.toThrow(
    /stands on 'plain.qcow2'.*flatten it/,
  );
  await expect(openQcow2Source(overlay, { backing: 'follow', since: '/else' })).rejects.toThrow(
    /not among the layers/,
  );
  const external = place.path('external.qcow2');
  await run('qemu-img', 'create', '-f', 'qcow2', '-o', `data_file=${place.path('data.raw')}`, external, '1M');
  await expect(openQcow2Source(external, { backing: 'refuse' })).rejects.toThrow(/data lies in another file/);
  await copyFile('/usr/bin/qemu-img', place.path('program'));
  await expect(openQcow2Source(place.path('program'), { backing: 'refuse' })).rejects.toThrow(
    /magic of qcow2/,
  );
});
