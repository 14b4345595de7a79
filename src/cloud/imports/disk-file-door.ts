/** The admin door's part over disk files. Messages are in words for whoever asked. */
import type { DiskFacts, DiskFormat } from '../../node/file-contract.ts';
import type { TransferStatus } from '../../node/vault-contract.ts';
import type { SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { exportImage, type ImageToExport } from './export-image.ts';
import {
  type ImageToImport,
  type ImportStatus,
  importImage,
  importStatus,
  inspectDiskFile,
} from './import-image.ts';

export interface DiskFileDoor {
  inspect(request: { readonly file: string; readonly format?: DiskFormat }): Promise<DiskFacts>;
  /** Answers with the snapshot by which the import is followed. */
  importImage(image: ImageToImport): Promise<SnapshotId>;
  importStatus(snapshotId: SnapshotId): Promise<ImportStatus>;
  /** Asked with the same words until it rests. */
  exportImage(image: ImageToExport): Promise<TransferStatus>;
}

export function diskFileDoor(cloud: Cloud): DiskFileDoor {
  return {
    inspect: (request) => inspectDiskFile(cloud, request),
    importImage: (image) => importImage(cloud, image),
    importStatus: (snapshotId) => importStatus(cloud, snapshotId),
    exportImage: (image) => exportImage(cloud, image),
  };
}
