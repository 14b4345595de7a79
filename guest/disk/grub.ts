import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.ts';
import { type DiskLayout, sectorBytes } from './layout.ts';
import { writeAt } from './write-at.ts';

/**
 * GRUB without grub-install, which wants a block device: the core image is made by grub-mkimage and put where the
 * firmware looks. The prefix `(,gpt1)` means partition 1 of the disk that GRUB itself was read from, whatever other
 * disks hold; there it finds grub.cfg.
 */

export interface GrubInput {
  /** Modules beside those that booting Linux from ext4 takes. */
  readonly modules: readonly string[];
  readonly scratch: string;
  readonly signal: AbortSignal | undefined;
}

const bootingModules = ['part_gpt', 'ext2', 'normal', 'linux', 'boot'];
const prefix = '(,gpt1)/boot/grub';

// Offsets of 64-bit little-endian sector numbers: in boot.img where the core image is, and in the core image's
// first sector where its rest is (grub: include/grub/i386/pc/boot.h, struct grub_pc_bios_boot_blocklist).
const bootImageKernelSector = 0x5c;
const coreImageRestSector = sectorBytes - 12;
// The partition table's protective entry follows the boot code in the same sector.
const bootCodeBytes = 440;

export async function installBiosGrub(disk: string, layout: DiskLayout, input: GrubInput): Promise<void> {
  const folder = '/usr/lib/grub/i386-pc';
  const corePath = join(input.scratch, 'core.img');
  await makeImage('i386-pc', folder, corePath, ['biosdisk', ...bootingModules, ...input.modules], input);

  const core = await readFile(corePath);
  if (core.length > layout.bootSizeBytes)
    throw new Error(`GRUB's core image has ${core.length} bytes, its partition ${layout.bootSizeBytes}`);
  const coreSector = BigInt(layout.bootStartBytes / sectorBytes);
  core.writeBigUInt64LE(coreSector + 1n, coreImageRestSector);
  await writeAt(disk, core, layout.bootStartBytes);

  const boot = await readFile(join(folder, 'boot.img'));
  boot.writeBigUInt64LE(coreSector, bootImageKernelSector);
  await writeAt(disk, boot.subarray(0, bootCodeBytes), 0);
}

/** `folder` holds GRUB's arm64-efi modules, which Debian ships in packages of that architecture only. */
export async function installUefiGrub(
  disk: string,
  layout: DiskLayout,
  folder: string,
  input: GrubInput,
): Promise<void> {
  const loader = join(input.scratch, 'BOOTAA64.EFI');
  await makeImage('arm64-efi', folder, loader, [...bootingModules, ...input.modules], input);

  const partition = join(input.scratch, 'esp.img');
  await run('mkfs.fat', ['-C', '-n', 'EFI', partition, String(layout.bootSizeBytes / 1024)], {
    signal: input.signal,
  });
  await run('mmd', ['-i', partition, '::/EFI', '::/EFI/BOOT'], { signal: input.signal });
  await run('mcopy', ['-i', partition, loader, '::/EFI/BOOT/BOOTAA64.EFI'], { signal: input.signal });
  await writeAt(disk, await readFile(partition), layout.bootStartBytes);
}

async function makeImage(
  format: string,
  folder: string,
  output: string,
  modules: readonly string[],
  input: GrubInput,
): Promise<void> {
  const args = ['--directory', folder, '--format', format, '--prefix', prefix, '--output', output];
  await run('grub-mkimage', [...args, ...modules], { signal: input.signal });
}
