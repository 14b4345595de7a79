/**
 * The format of a file from outside, by its own bytes. QEMU's probing is never used: a raw disk could carry the header
 * of another format, written by its guest, that names files of this host.
 */
import { open } from 'node:fs/promises';
import { NodeError } from '../contract.ts';
import type { DiskFormat } from '../file-contract.ts';

const headBytes = 512;

const signatures: readonly { readonly format: DiskFormat; readonly at: number; readonly text: string }[] = [
  { format: 'qcow2', at: 0, text: 'QFI\xfb' },
  { format: 'vmdk', at: 0, text: 'KDMV' },
  { format: 'vhdx', at: 0, text: 'vhdxfile' },
  { format: 'vpc', at: 0, text: 'conectix' },
];

/** What people have in hand and is no disk yet. */
const wrappings: readonly { readonly at: number; readonly text: string; readonly advice: string }[] = [
  { at: 0, text: '\x1f\x8b', advice: 'it is compressed by gzip; unpack it first: gunzip' },
  { at: 0, text: '\xfd7zXZ', advice: 'it is compressed by xz; unpack it first: unxz' },
  { at: 0, text: '\x28\xb5\x2f\xfd', advice: 'it is compressed by zstd; unpack it first: unzstd' },
  { at: 0, text: 'PK\x03\x04', advice: 'it is a zip archive; unpack it first: unzip' },
  {
    at: 257,
    text: 'ustar',
    advice: 'it is a tar archive (an OVA is one); unpack it and give the disk in it',
  },
  {
    at: 0,
    text: '# Disk DescriptorFile',
    advice: 'it only names the files that hold the disk; join them first: qemu-img convert -f vmdk -O qcow2',
  },
  { at: 0, text: 'COWD', advice: 'it is a VMDK of ESX 2; convert it first: qemu-img convert -O qcow2' },
];

export async function diskFormat(file: string): Promise<DiskFormat> {
  const { head, tail, size } = await readEnds(file);
  const has = (bytes: Buffer, at: number, text: string) =>
    bytes.toString('latin1', at, at + text.length) === text;
  const wrapped = wrappings.find(({ at, text }) => has(head, at, text));
  if (wrapped !== undefined) throw new NodeError('unsupported', `${file} is no disk: ${wrapped.advice}`);
  if (size < headBytes) throw new NodeError('unsupported', `${file} has ${size} bytes: no disk is so small`);
  const known = signatures.find(({ at, text }) => has(head, at, text));
  // A fixed VHD is a raw disk with a footer.
  const format = known?.format ?? (has(tail, 0, 'conectix') ? 'vpc' : 'raw');
  const vhd = format === 'vpc' ? (has(head, 0, 'conectix') ? head : tail) : undefined;
  if (vhd?.readUInt32BE(60) === 4) {
    throw new NodeError(
      'unsupported',
      `${file} is a differencing VHD, which needs its parent; merge them first`,
    );
  }
  return format;
}

async function readEnds(
  file: string,
): Promise<{ readonly head: Buffer; readonly tail: Buffer; readonly size: number }> {
  const handle = await open(file, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new NodeError('unsupported', `${file} can't be read: ${cause.message}`, { cause });
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new NodeError('unsupported', `${file} is no file`);
    const [head, tail] = [Buffer.alloc(headBytes), Buffer.alloc(headBytes)];
    await handle.read(head, 0, headBytes, 0);
    await handle.read(tail, 0, headBytes, Math.max(0, stat.size - headBytes));
    return { head, tail, size: stat.size };
  } finally {
    await handle.close();
  }
}
