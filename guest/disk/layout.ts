/**
 * One layout for every base: GPT, a small boot partition, and the root file system last, so that it can grow.
 * Numbers follow Debian's own cloud images: 14 is GRUB's core image (BIOS), 15 the EFI system partition, 1 the root.
 */

export const sectorBytes = 512;
const mebibyte = 1024 * 1024;

export interface DiskLayout {
  readonly bootPartition: number;
  readonly bootStartBytes: number;
  readonly bootSizeBytes: number;
  readonly rootStartBytes: number;
  readonly rootSizeBytes: number;
  /** What sfdisk reads. */
  readonly script: string;
}

const bootPartitions = {
  bios: { number: 14, sizeMiB: 1, type: '21686148-6449-6E6F-744E-656564454649', name: 'ingot-bios' },
  uefi: { number: 15, sizeMiB: 16, type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', name: 'ingot-efi' },
} as const;

export function diskLayout(firmware: 'bios' | 'uefi', diskBytes: number): DiskLayout {
  const boot = bootPartitions[firmware];
  const bootStartBytes = mebibyte;
  const bootSizeBytes = boot.sizeMiB * mebibyte;
  const rootStartBytes = bootStartBytes + bootSizeBytes;
  // The last mebibyte holds the second partition table.
  const rootSizeBytes = diskBytes - rootStartBytes - mebibyte;
  if (diskBytes % mebibyte !== 0 || rootSizeBytes < 64 * mebibyte) {
    throw new Error(
      `A disk of ${diskBytes} bytes cannot hold a base: whole mebibytes, and at least 82 of them`,
    );
  }
  const sectors = (bytes: number) => bytes / sectorBytes;
  const rootType = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
  const script = [
    'label: gpt',
    'unit: sectors',
    `${boot.number} : start=${sectors(bootStartBytes)}, size=${sectors(bootSizeBytes)}, type=${boot.type}, name="${boot.name}"`,
    `1 : start=${sectors(rootStartBytes)}, size=${sectors(rootSizeBytes)}, type=${rootType}, name="ingot-root"`,
    '',
  ].join('\n');
  return { bootPartition: boot.number, bootStartBytes, bootSizeBytes, rootStartBytes, rootSizeBytes, script };
}
