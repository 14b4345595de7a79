/** Just enough of FAT to see which loaders lie in /EFI/BOOT. Source: Microsoft's FAT specification 1.03. */
import type { ReadDisk } from './boot-facts.ts';

const entryBytes = 32;
/** A folder of a loader is small; a chain that goes in circles ends here. */
const mostClusters = 64;

interface Fat {
  readonly bits: 12 | 16 | 32;
  readonly fatAt: number;
  readonly dataAt: number;
  readonly clusterBytes: number;
  readonly root: { readonly at: number; readonly bytes: number } | { readonly cluster: number };
}

interface Entry {
  /** 'BOOTX64.EFI' */
  readonly name: string;
  readonly folder: boolean;
  readonly cluster: number;
}

/** Short names, in capitals. Throws where this is no FAT. */
export async function efiLoaders(read: ReadDisk, partitionAt: number): Promise<readonly string[]> {
  const fat = parse(await read(partitionAt, 512), partitionAt);
  let folder = await rootEntries(read, fat);
  for (const name of ['EFI', 'BOOT']) {
    const next = folder.find((entry) => entry.folder && entry.name === name);
    if (next === undefined) return [];
    folder = entriesOf(await readChain(read, fat, next.cluster));
  }
  return folder.filter((entry) => !entry.folder).map((entry) => entry.name);
}

function parse(sector: Buffer, at: number): Fat {
  const sectorBytes = sector.readUInt16LE(11);
  const clusterBytes = sectorBytes * (sector[13] ?? 0);
  if (![512, 1024, 2048, 4096].includes(sectorBytes) || clusterBytes === 0) throw new Error('no FAT');
  const reserved = sector.readUInt16LE(14);
  const rootBytes = sector.readUInt16LE(17) * entryBytes;
  const fatSectors = sector.readUInt16LE(22) || sector.readUInt32LE(36);
  const sectors = sector.readUInt16LE(19) || sector.readUInt32LE(32);
  const rootAt = at + (reserved + (sector[16] ?? 0) * fatSectors) * sectorBytes;
  const dataAt = rootAt + Math.ceil(rootBytes / sectorBytes) * sectorBytes;
  const clusters = Math.floor((sectors * sectorBytes - (dataAt - at)) / clusterBytes);
  const bits = clusters < 4085 ? 12 : clusters < 65_525 ? 16 : 32;
  return {
    bits,
    fatAt: at + reserved * sectorBytes,
    dataAt,
    clusterBytes,
    root: bits === 32 ? { cluster: sector.readUInt32LE(44) } : { at: rootAt, bytes: rootBytes },
  };
}

async function rootEntries(read: ReadDisk, fat: Fat): Promise<readonly Entry[]> {
  const { root } = fat;
  return entriesOf(
    'cluster' in root ? await readChain(read, fat, root.cluster) : await read(root.at, root.bytes),
  );
}

async function readChain(read: ReadDisk, fat: Fat, first: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let cluster = first; cluster >= 2 && parts.length < mostClusters; ) {
    if (cluster >= 2 ** fat.bits - 16 || (fat.bits === 32 && cluster >= 0x0fff_fff0)) break;
    parts.push(await read(fat.dataAt + (cluster - 2) * fat.clusterBytes, fat.clusterBytes));
    cluster = await nextCluster(read, fat, cluster);
  }
  return Buffer.concat(parts);
}

async function nextCluster(read: ReadDisk, { bits, fatAt }: Fat, cluster: number): Promise<number> {
  const byte = Math.floor((cluster * bits) / 8);
  const sectorAt = Math.floor(byte / 512) * 512;
  // An entry of 12 bits may lie across two sectors.
  const sectors = await read(fatAt + sectorAt, 1024);
  const at = byte - sectorAt;
  if (bits === 32) return sectors.readUInt32LE(at) & 0x0fff_ffff;
  const word = sectors.readUInt16LE(at);
  if (bits === 16) return word;
  return cluster % 2 === 0 ? word & 0xfff : word >> 4;
}

function entriesOf(bytes: Buffer): readonly Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    const entry = bytes.subarray(at, at + entryBytes);
    const first = entry[0];
    if (first === 0) break;
    const attributes = entry[11] ?? 0;
    // Deleted, a part of a long name, or the volume's label.
    if (first === 0xe5 || (attributes & 0x08) !== 0) continue;
    const [name, extension] = [
      entry.toString('latin1', 0, 8).trimEnd(),
      entry.toString('latin1', 8, 11).trimEnd(),
    ];
    entries.push({
      name: extension === '' ? name : `${name}.${extension}`,
      folder: (attributes & 0x10) !== 0,
      cluster: entry.readUInt16LE(26) + entry.readUInt16LE(20) * 0x1_0000,
    });
  }
  return entries;
}
