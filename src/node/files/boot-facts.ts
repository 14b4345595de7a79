/**
 * What a disk boots by, from its partition table, boot sector and EFI system partition. Only what is certain counts:
 * types and names that mean one thing. MBR, GPT: UEFI specification 5; partition types: Discoverable Partitions.
 */
import type { Architecture } from '../../platform/ids.ts';
import type { DiskFacts } from '../file-contract.ts';
import { efiLoaders } from './fat.ts';

export type ReadDisk = (offset: number, length: number) => Promise<Buffer>;

const sectorBytes = 512;
const mostEntries = 128;
const types = {
  efiSystem: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  biosBoot: '21686148-6449-6e6f-744e-656564454649',
  rootX86: '4f68bce3-e8cd-4db1-96e7-fbcaf984b709',
  rootArm: 'b921b045-1df0-41c3-af44-4c6f280d3fae',
} as const;

interface Partition {
  /** Of GPT; of MBR 'mbr-ef'. */
  readonly type: string;
  readonly offset: number;
}

export async function bootFacts(read: ReadDisk): Promise<Pick<DiskFacts, 'bios' | 'uefi' | 'architecture'>> {
  const mbr = await read(0, sectorBytes);
  if (mbr.readUInt16LE(510) !== 0xaa55) return { bios: false, uefi: false };
  const partitions = await partitionsOf(read, mbr);
  const has = (type: string) => partitions.some((partition) => partition.type === type);
  const efi = partitions.find(({ type }) => type === types.efiSystem || type === 'mbr-ef');
  const loaders = efi === undefined ? [] : await efiLoaders(read, efi.offset).catch(() => []);
  // GRUB says its name in the boot sector that it has for BIOS, and only there.
  const grub = mbr.subarray(0, 440).includes('GRUB');
  const active = [446, 462, 478, 494].some((at) => mbr[at] === 0x80) && mbr[0] !== 0;
  const bios = grub || has(types.biosBoot) || active;
  const x86 = grub || has(types.biosBoot) || has(types.rootX86) || loaders.includes('BOOTX64.EFI');
  const arm = has(types.rootArm) || loaders.includes('BOOTAA64.EFI');
  const architecture: Architecture | undefined = x86 === arm ? undefined : x86 ? 'x86_64' : 'arm64';
  return {
    bios: bios && architecture !== 'arm64',
    uefi: efi !== undefined,
    ...(architecture === undefined ? {} : { architecture }),
  };
}

async function partitionsOf(read: ReadDisk, mbr: Buffer): Promise<readonly Partition[]> {
  const entries = [446, 462, 478, 494].map((at) => ({ type: mbr[at + 4], first: mbr.readUInt32LE(at + 8) }));
  if (!entries.some(({ type }) => type === 0xee)) {
    return entries.flatMap(({ type, first }) =>
      type === 0xef ? [{ type: 'mbr-ef', offset: first * sectorBytes }] : [],
    );
  }
  const header = await read(sectorBytes, sectorBytes);
  if (header.toString('latin1', 0, 8) !== 'EFI PART') return [];
  const count = Math.min(header.readUInt32LE(80), mostEntries);
  const entryBytes = header.readUInt32LE(84);
  if (entryBytes < 128 || entryBytes > 1024) return [];
  const length = Math.ceil((count * entryBytes) / sectorBytes) * sectorBytes;
  const table = await read(Number(header.readBigUInt64LE(72)) * sectorBytes, length);
  return Array.from({ length: count }, (_, at) => table.subarray(at * entryBytes, (at + 1) * entryBytes))
    .map((entry) => ({ type: guid(entry), offset: Number(entry.readBigUInt64LE(32)) * sectorBytes }))
    .filter(({ type }) => !/^0+-/.test(type));
}

/** The first three parts are little-endian. */
function guid(bytes: Buffer): string {
  const hex = (from: number, to: number) => bytes.toString('hex', from, to);
  const swapped = (from: number, to: number) =>
    Buffer.from(bytes.subarray(from, to)).reverse().toString('hex');
  return [swapped(0, 4), swapped(4, 6), swapped(6, 8), hex(8, 10), hex(10, 16)].join('-');
}
