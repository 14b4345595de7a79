/** The header of a qcow2 file, versions 2 and 3. Source: QEMU docs/interop/qcow2.rst. Numbers are big-endian. */
import type { FileHandle } from 'node:fs/promises';
import { VaultError } from '../../errors.ts';

export interface Qcow2Header {
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  readonly clusterBits: number;
  readonly version: 2 | 3;
  /** Two words an L2 entry, 32 subclusters a cluster. */
  readonly extendedL2: boolean;
  readonly compression: 'zlib' | 'zstd';
  readonly l1Offset: number;
  readonly l1Entries: number;
  readonly backing?: { readonly file: string; readonly format: string | undefined };
}

const magic = 0x5146_49fb;
const backingFormatExtension = 0xe279_2aca;
const incompatible = { dirty: 1n, corrupt: 2n, externalData: 4n, compressionType: 8n, extendedL2: 16n };
const known = Object.values(incompatible).reduce((all, bit) => all | bit, 0n);
/** QEMU's own limit on an L1 table. */
const largestL1Bytes = 32 * 1024 * 1024;

export async function readQcow2Header(handle: FileHandle, file: string): Promise<Qcow2Header> {
  const wrong = (why: string) =>
    new VaultError('unreadable-source', `${file} can't be read as qcow2: ${why}`);
  const head = Buffer.alloc(4096);
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  if (bytesRead < 72 || head.readUInt32BE(0) !== magic)
    throw wrong('it does not begin with the magic of qcow2');
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw wrong(`version ${version} is neither 2 nor 3`);
  if (head.readUInt32BE(32) !== 0) throw wrong('it is encrypted; decrypt it with qemu-img convert first');
  const features = version === 3 ? head.readBigUInt64BE(72) : 0n;
  if ((features & incompatible.corrupt) !== 0n) throw wrong('it is marked corrupt; run qemu-img check on it');
  if ((features & incompatible.externalData) !== 0n) throw wrong('its data lies in another file');
  if ((features & ~known) !== 0n)
    throw wrong(`it needs features 0x${features.toString(16)} that are not known here`);
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) throw wrong(`clusters of 2^${clusterBits} bytes are out of range`);
  const extendedL2 = (features & incompatible.extendedL2) !== 0n;
  const headerBytes = version === 3 ? head.readUInt32BE(100) : 72;
  const l1Entries = head.readUInt32BE(36);
  const sizeBytes = Number(head.readBigUInt64BE(24));
  if (l1Entries * 8 > largestL1Bytes) throw wrong(`an L1 table of ${l1Entries} entries is too large`);
  const covered = l1Entries * (2 ** clusterBits / (extendedL2 ? 16 : 8)) * 2 ** clusterBits;
  if (covered < sizeBytes) throw wrong(`its L1 table covers ${covered} of ${sizeBytes} bytes`);
  const backing = await readBacking(handle, head, headerBytes);
  return {
    sizeBytes,
    clusterBits,
    clusterBytes: 2 ** clusterBits,
    version,
    extendedL2,
    compression: (features & incompatible.compressionType) !== 0n && head[104] === 1 ? 'zstd' : 'zlib',
    l1Offset: Number(head.readBigUInt64BE(40)),
    l1Entries,
    ...(backing === undefined ? {} : { backing }),
  };
}

async function readBacking(handle: FileHandle, head: Buffer, headerBytes: number) {
  const offset = Number(head.readBigUInt64BE(8));
  const length = head.readUInt32BE(16);
  if (offset === 0 || length === 0) return undefined;
  const name = Buffer.alloc(Math.min(length, 1023));
  await handle.read(name, 0, name.length, offset);
  let format: string | undefined;
  for (let at = headerBytes; at + 8 <= head.length; ) {
    const type = head.readUInt32BE(at);
    const bytes = head.readUInt32BE(at + 4);
    if (type === 0) break;
    if (type === backingFormatExtension) format = head.toString('utf8', at + 8, at + 8 + bytes);
    at += 8 + Math.ceil(bytes / 8) * 8;
  }
  return { file: name.toString('utf8'), format };
}
