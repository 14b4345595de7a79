import { open } from 'node:fs/promises';
import { run } from '../command.ts';
import { type DiskLayout, diskLayout } from './layout.ts';

export interface RawDiskInput {
  readonly firmware: 'bios' | 'uefi';
  readonly diskBytes: number;
  /** The directory that becomes the root file system. */
  readonly tree: string;
  readonly rootUuid: string;
  readonly signal: AbortSignal | undefined;
}

/** A sparse raw disk with the partition table and the directory tree as its root file system; nothing boots yet. */
export async function makeRawDisk(disk: string, input: RawDiskInput): Promise<DiskLayout> {
  const { firmware, diskBytes, tree, rootUuid, signal } = input;
  const layout = diskLayout(firmware, diskBytes);
  const handle = await open(disk, 'w');
  await handle.truncate(diskBytes);
  await handle.close();
  await run('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', disk], { input: layout.script, signal });

  // GRUB 2.06 cannot read the two features; inode tables of a new sparse file are zero already, and saying so keeps
  // the guest from writing those zeros at its first boot.
  const extended = [
    `offset=${layout.rootStartBytes}`,
    'lazy_itable_init=0',
    'lazy_journal_init=0',
    'assume_storage_prezeroed=1',
  ];
  const args = [
    '-q',
    '-F',
    '-t',
    'ext4',
    '-L',
    'ingot-root',
    '-U',
    rootUuid,
    '-O',
    '^metadata_csum_seed,^orphan_file',
    '-m',
    '1',
  ];
  const size = `${layout.rootSizeBytes / 1024}k`;
  await run('mke2fs', [...args, '-E', extended.join(','), '-d', tree, disk, size], { signal });
  return layout;
}

export async function compressDisk(
  raw: string,
  output: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', raw, output], { signal });
}
