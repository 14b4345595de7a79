/** Disk files of every format that QEMU reads, made by other tools, into layers and out again. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DiskFormat, FileContract } from '../../src/node/file-contract.ts';
import { type FileContext, type FileProgress, fileCommands } from '../../src/node/files/file-commands.ts';
import type { TransferStatus } from '../../src/node/vault-contract.ts';
import { longWork } from '../../src/node/vaults/long-work.ts';
import { nodeVaults } from '../../src/node/vaults/node-vaults.ts';
import type { LayerId, SnapshotId } from '../../src/platform/ids.ts';
import { keyedQueue } from '../../src/platform/keyed-queue.ts';
import { silentLog } from '../../src/platform/log.ts';

/** Root has these in its path, others not. */
const tools = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
const mib = 1024 ** 2;
const formats: readonly DiskFormat[] = ['raw', 'qcow2', 'vmdk', 'vpc', 'vhdx'];
const layerId = 'layer-00000000000000001' as LayerId;

let root: string;
let files: FileContract;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ingot-files-'));
  await mkdir(join(root, 'layers'));
  const context: FileContext = {
    folders: { layers: join(root, 'layers') },
    files: longWork<FileProgress>((_, error) => (error as Error).message),
    vaults: nodeVaults(new Map(), silentLog),
    queue: keyedQueue(),
    diskFloorBytes: 0,
  };
  files = fileCommands(context);
});
afterEach(() => rm(root, { recursive: true }));

const path = (name: string) => join(root, name);
const qemuImg = (...args: readonly string[]) => execFileSync('qemu-img', args, { encoding: 'utf8' });

/** What a person calls a disk with two partitions: GRUB for BIOS, and an EFI system partition with a loader. */
async function writeDisk(
  name: string,
  boots: { readonly bios?: true; readonly loader?: string; readonly rootType?: string },
): Promise<string> {
  const file = path(name);
  await writeFile(file, '');
  await truncate(file, 64 * mib);
  const parts = [
    ...(boots.bios ? ['start=2048,size=2048,type=21686148-6449-6E6F-744E-656564454649'] : []),
    ...(boots.loader === undefined ? [] : ['start=4096,size=81920,type=U']),
    `start=86016,type=${boots.rootType ?? 'L'}`,
  ];
  execFileSync('sfdisk', ['-q', file], { env: tools, input: `label: gpt\n${parts.join('\n')}\n` });
  if (boots.loader !== undefined) {
    const esp = path('esp');
    await writeFile(esp, '');
    await truncate(esp, 40 * mib);
    execFileSync('mkfs.vfat', ['-F', '32', esp], { env: tools, stdio: 'ignore' });
    for (const folder of ['::/EFI', '::/EFI/BOOT']) execFileSync('mmd', ['-i', esp, folder]);
    execFileSync('mcopy', ['-i', esp, '/etc/hostname', `::/EFI/BOOT/${boots.loader}`]);
    execFileSync('dd', [`if=${esp}`, `of=${file}`, 'bs=1M', 'seek=2', 'conv=notrunc,sparse'], {
      stdio: 'ignore',
    });
  }
  return file;
}

async function rested(ask: () => Promise<TransferStatus>): Promise<TransferStatus> {
  for (;;) {
    const status = await ask();
    if (status.state !== 'running') return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const disk = { layerId, region: 'us-east-1', snapshotId: 'snap-1' as SnapshotId };

describe.each(formats)('%s', (format) => {
  test('is known by its bytes, read for what it boots by, and becomes a layer of the same content', async () => {
    const raw = await writeDisk('disk', { bios: true, loader: 'BOOTX64.EFI' });
    const file = path('given');
    qemuImg('convert', '-f', 'raw', '-O', format, raw, file);
    expect(await files.inspectFile({ file })).toMatchObject({
      format,
      bios: true,
      uefi: true,
      architecture: 'x86_64',
    });
    const imported = await rested(() => files.importFile({ layerId, file, format }));
    expect(imported.state).toBe('completed');
    const layer = join(root, 'layers', `${layerId}.qcow2`);
    expect(qemuImg('compare', '-f', format, '-F', 'qcow2', file, layer)).toContain('identical');

    const out = path('exported');
    expect(await rested(() => files.exportFile({ disk, file: out, format, overwrite: false }))).toMatchObject(
      {
        state: 'completed',
      },
    );
    expect(qemuImg('compare', '-f', format, '-F', 'qcow2', out, layer)).toContain('identical');
    await expect(files.exportFile({ disk, file: out, format, overwrite: false })).rejects.toThrow(
      'is there already',
    );
    expect((await readdir(root)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

test('what boots one architecture alone says so', async () => {
  const facts = async (boots: Parameters<typeof writeDisk>[1]) => {
    const { bios, uefi, architecture } = await files.inspectFile({ file: await writeDisk('disk', boots) });
    return { bios, uefi, architecture };
  };
  expect(await facts({ loader: 'BOOTAA64.EFI' })).toEqual({ bios: false, uefi: true, architecture: 'arm64' });
  expect(await facts({ rootType: 'B921B045-1DF0-41C3-AF44-4C6F280D3FAE' })).toMatchObject({
    architecture: 'arm64',
  });
  expect(await facts({ bios: true })).toEqual({ bios: true, uefi: false, architecture: 'x86_64' });
  expect(await facts({})).toEqual({ bios: false, uefi: false, architecture: undefined });
});

test('a disk that names another file is refused, and nothing of that file is read', async () => {
  await writeFile(path('secret'), Buffer.alloc(mib, 'secret'));
  qemuImg('create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', path('secret'), path('backed'));
  await expect(files.inspectFile({ file: path('backed') })).rejects.toThrow('stands on');
  const status = await rested(() => files.importFile({ layerId, file: path('backed'), format: 'qcow2' }));
  expect(status).toMatchObject({ state: 'failed', reason: expect.stringContaining('stands on') });
  expect(await readdir(join(root, 'layers'))).toEqual([]);

  qemuImg('create', '-q', '-f', 'qcow2', '-o', `data_file=${path('data')}`, path('split'), '1M');
  await expect(files.inspectFile({ file: path('split') })).rejects.toThrow('its data lies in');
  qemuImg('create', '-q', '-f', 'vmdk', '-o', 'subformat=monolithicFlat', path('flat.vmdk'), '1M');
  await expect(files.inspectFile({ file: path('flat.vmdk') })).rejects.toThrow('only names the files');
});

test('a raw disk that is said to be raw stays raw, whatever its guest wrote on it', async () => {
  await writeFile(path('secret'), Buffer.alloc(mib, 'secret'));
  qemuImg('create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', path('secret'), path('hostile'));
  await truncate(path('hostile'), mib);
  expect(await files.inspectFile({ file: path('hostile'), format: 'raw' })).toMatchObject({ sizeBytes: mib });
  await rested(() => files.importFile({ layerId, file: path('hostile'), format: 'raw' }));
  expect(
    await rested(() => files.exportFile({ disk, file: path('out'), format: 'raw', overwrite: false })),
  ).toMatchObject({ state: 'completed' });
  expect((await readFile(path('out'))).equals(await readFile(path('hostile')))).toBe(true);
});

test('what is packed or no disk is refused with what to do', async () => {
  await writeFile(path('disk.gz'), Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(1024)]));
  await expect(files.inspectFile({ file: path('disk.gz') })).rejects.toThrow('gunzip');
  await writeFile(path('small'), 'x');
  await expect(files.inspectFile({ file: path('small') })).rejects.toThrow('no disk is so small');
  await expect(files.inspectFile({ file: path('nothing') })).rejects.toThrow('no such file');
  await expect(files.inspectFile({ file: 'relative' })).rejects.toThrow('absolute path');
  await writeFile(path('broken'), Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), Buffer.alloc(1024)]));
  await expect(files.inspectFile({ file: path('broken') })).rejects.toThrow("can't be read as qcow2");
});
