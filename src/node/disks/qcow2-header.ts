/**
 * The part of a qcow2 header that Ingot reads. A layer's parent and size are what its header says, never
 * what a side file says: QEMU follows the header too. Format: qemu's docs/interop/qcow2.txt.
 */
import { open } from 'node:fs/promises';

export interface Qcow2Header {
  readonly sizeBytes: number;
  readonly clusterBits: number;
  readonly extendedL2: boolean;
  /** As written: relative to the file's own directory, unless absolute. */
  readonly backingFile?: string;
}

export const qcow2Magic = 0x514649fb;
export const incompatibleExtendedL2 = 1n << 4n;

/** Backing names stand in the first cluster, at most 1023 bytes long; QEMU and Ingot put them near the start. */
const readBytes = 8192;

/** Undefined where the bytes are no qcow2 image. */
export function parseQcow2Header(bytes: Buffer): Qcow2Header | undefined {
  if (bytes.length < 72 || bytes.readUInt32BE(0) !== qcow2Magic) return undefined;
  const version = bytes.readUInt32BE(4);
  const nameOffset = Number(bytes.readBigUInt64BE(8));
  const nameLength = bytes.readUInt32BE(16);
  if (nameOffset + nameLength > bytes.length)
    throw new Error('the backing file name lies outside the header');
  return {
    sizeBytes: Number(bytes.readBigUInt64BE(24)),
    clusterBits: bytes.readUInt32BE(20),
    extendedL2: version >= 3 && (bytes.readBigUInt64BE(72) & incompatibleExtendedL2) !== 0n,
    ...(nameOffset === 0 ? {} : { backingFile: bytes.toString('utf8', nameOffset, nameOffset + nameLength) }),
  };
}

export async function readQcow2Header(file: string): Promise<Qcow2Header | undefined> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(readBytes), 0, readBytes, 0);
    return parseQcow2Header(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}
