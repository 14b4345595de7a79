/**
 * Disk files of this machine that become layers, and layers that become files. Part of the node's contract. A file from
 * outside is never trusted: its format is looked for in its bytes or given, and one that names other files is refused.
 */
import type { Architecture, LayerId } from '../platform/ids.ts';
import type { StoredDisk } from './block-contract.ts';
import type { TransferStatus } from './vault-contract.ts';

/** As QEMU names them; `vpc` is VHD. */
export type DiskFormat = 'raw' | 'qcow2' | 'vmdk' | 'vpc' | 'vhdx';

export interface DiskFacts {
  readonly format: DiskFormat;
  readonly sizeBytes: number;
  /** What its partitions and boot sectors say it boots by; neither where they say nothing. */
  readonly bios: boolean;
  readonly uefi: boolean;
  /** Absent where nothing on the disk says it for certain. */
  readonly architecture?: Architecture;
}

export interface FileContract {
  /** Throws 'unsupported' with the reason and the way out for what is no disk that stands alone. */
  inspectFile(request: { readonly file: string; readonly format?: DiskFormat }): Promise<DiskFacts>;
  /** Makes a frozen layer of a file, which stays. Asked until it rests, like a transfer. */
  importFile(request: {
    readonly layerId: LayerId;
    readonly file: string;
    readonly format: DiskFormat;
  }): Promise<TransferStatus>;
  /** Writes a snapshot's disk into a new file, which has its name only when it is whole. Asked until it rests. */
  exportFile(request: {
    readonly disk: StoredDisk;
    readonly file: string;
    readonly format: DiskFormat;
    /** Takes the place of a file that is there. */
    readonly overwrite: boolean;
  }): Promise<TransferStatus>;
}
