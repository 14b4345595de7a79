import { openRawSource } from '../../vault/vault.ts';
import { readWithQemu } from '../disks/read-with-qemu.ts';
import type { DiskFacts, DiskFormat } from '../file-contract.ts';
import { bootFacts } from './boot-facts.ts';
import { diskFormat } from './disk-format.ts';
import { checkStandsAlone } from './standing-alone.ts';

export async function inspectFile(file: string, given?: DiskFormat): Promise<DiskFacts> {
  const format = given ?? (await diskFormat(file));
  const sizeBytes = await checkStandsAlone(file, format);
  return { format, sizeBytes, ...(await readBootFacts(file, format, sizeBytes)) };
}

async function readBootFacts(file: string, format: DiskFormat, sizeBytes: number) {
  const withinDisk = (offset: number, length: number) => {
    if (offset + length > sizeBytes) throw new RangeError(`${offset} lies outside of the disk`);
  };
  if (format !== 'raw') {
    return await bootFacts(async (offset, length) => {
      withinDisk(offset, length);
      return await readWithQemu({ file, format }, offset, length);
    });
  }
  const source = await openRawSource(file);
  try {
    return await bootFacts(async (offset, length) => {
      withinDisk(offset, length);
      const bytes = Buffer.alloc(length);
      await source.read(offset, length, bytes);
      return bytes;
    });
  } finally {
    await source.close();
  }
}
