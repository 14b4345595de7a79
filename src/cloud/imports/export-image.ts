import { NodeError } from '../../node/contract.ts';
import type { DiskFormat } from '../../node/file-contract.ts';
import type { TransferStatus } from '../../node/vault-contract.ts';
import type { AccountId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { storedDisk } from '../ebs/find-snapshot.ts';
import { findImage } from '../images/find-image.ts';
import { blockDevices } from '../images/record.ts';
import { sweepKey } from '../layers/sweep-layers.ts';
import { checkCompleted } from '../snapshots/find-snapshot.ts';
import type { SnapshotRow } from '../snapshots/record.ts';
import { inWords } from './import-image.ts';

export interface ImageToExport {
  readonly accountId: AccountId;
  readonly region: string;
  readonly imageId: string;
  /** The root device where absent. */
  readonly deviceName?: string | undefined;
  /** On the node's machine. */
  readonly file: string;
  readonly format: DiskFormat;
  readonly overwrite: boolean;
}

/** Asked with the same words until it rests. Whoever may launch the image may have its disk. */
export async function exportImage(cloud: Cloud, request: ImageToExport): Promise<TransferStatus> {
  return await inWords(async () => {
    const snapshot = await exportedSnapshot(cloud, request);
    const node = cloud.nodes.get(snapshot.node_id);
    const { file, format, overwrite } = request;
    const disk = storedDisk(snapshot);
    const ask = () => node.exportFile({ disk, file, format, overwrite });
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NodeError) || error.kind !== 'unknown-layer') throw error;
      // It is in the vault alone.
      await cloud.queue.run([sweepKey(snapshot.node_id)], () => node.fetchLayer(disk));
      return await ask();
    }
  });
}

async function exportedSnapshot(cloud: Cloud, request: ImageToExport): Promise<SnapshotRow> {
  const { accountId, region, imageId } = request;
  const image = await findImage(cloud, { accountId, region }, imageId);
  const { deviceName = image.root_device_name } = request;
  const devices = blockDevices(image);
  const snapshotId = devices.find((device) => device.deviceName === deviceName)?.ebs?.snapshotId;
  const snapshot =
    snapshotId === undefined
      ? undefined
      : await cloud.db.read
          .selectFrom('snapshots')
          .selectAll()
          .where('snapshot_id', '=', snapshotId)
          .executeTakeFirst();
  if (snapshot === undefined) {
    const names = devices.map((device) => device.deviceName).join(', ');
    throw new RangeError(`${imageId} has no disk '${deviceName}'; it has ${names}`);
  }
  checkCompleted(snapshot);
  return snapshot;
}
