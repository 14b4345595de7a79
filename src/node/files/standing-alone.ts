/** Refuses a disk file whose header names other files, or that nobody could read without a secret. */
import { NodeError } from '../contract.ts';
import { qemuImg } from '../disks/qemu-img.ts';
import type { DiskFormat } from '../file-contract.ts';

interface Info {
  readonly 'virtual-size': number;
  readonly encrypted?: boolean;
  readonly 'backing-filename'?: string;
  readonly 'format-specific'?: {
    readonly data?: {
      readonly 'data-file'?: string;
      readonly extents?: readonly { readonly filename: string }[];
    };
  };
}

/** Answers the disk's size. */
export async function checkStandsAlone(file: string, format: DiskFormat): Promise<number> {
  const refuse = (why: string) => new NodeError('unsupported', `${file} can't be imported: ${why}`);
  let info: Info;
  try {
    info = JSON.parse(await qemuImg(['info', '-U', '-f', format, '--output=json', file])) as Info;
  } catch (cause) {
    throw new NodeError('unsupported', `${file} can't be read as ${format}: ${(cause as Error).message}`, {
      cause,
    });
  }
  const backing = info['backing-filename'];
  if (backing !== undefined) {
    throw refuse(`it stands on '${backing}'; flatten it first: qemu-img convert -O qcow2 ${file} flat.qcow2`);
  }
  if (info.encrypted === true) throw refuse('it is encrypted; decrypt it with qemu-img convert first');
  const { 'data-file': dataFile, extents = [] } = info['format-specific']?.data ?? {};
  if (dataFile !== undefined)
    throw refuse(`its data lies in '${dataFile}'; join them with qemu-img convert first`);
  const other = extents.find((extent) => extent.filename !== file);
  if (other !== undefined) {
    throw refuse(`a part of it lies in '${other.filename}'; join them with qemu-img convert first`);
  }
  return info['virtual-size'];
}
