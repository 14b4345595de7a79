/** The reconciling pass over imports: the node is asked until the file is a layer, and then the image is made. */
import type { Selectable, Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { DiskFormat } from '../../node/file-contract.ts';
import { type ImageId, newId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { insertImage } from '../images/insert-image.ts';
import { drive } from '../reconcile.ts';
import type { Schema } from '../schema.ts';
import { deleteSnapshotRows } from '../snapshots/settle-snapshots.ts';
import { insertTags } from '../tags/tag-specifications.ts';
import type { ImportedImage } from './import-image.ts';
import type { DiskImportTable } from './table.ts';

type ImportRow = Selectable<DiskImportTable>;

export async function driveImports(cloud: Cloud): Promise<void> {
  const rows = await cloud.db.read
    .selectFrom('disk_imports')
    .selectAll()
    .where('state', '=', 'running')
    .execute();
  for (const row of rows) drive(cloud, `import:${row.snapshot_id}`, () => driveImport(cloud, row));
}

async function driveImport(cloud: Cloud, row: ImportRow): Promise<void> {
  const { layer_id: layerId, file } = row;
  const status = await cloud.nodes
    .get(row.node_id)
    .importFile({ layerId, file, format: row.format as DiskFormat });
  switch (status.state) {
    case 'running':
      return await noteProgress(cloud, row, status);
    case 'failed':
      return await fail(cloud, row, status.reason ?? 'no reason is known');
    case 'completed':
      return await finish(cloud, row);
    default:
      return status.state satisfies never;
  }
}

async function noteProgress(
  cloud: Cloud,
  { snapshot_id: id, bytes_done: before, bytes_total: total }: ImportRow,
  { bytesDone }: { readonly bytesDone: number },
): Promise<void> {
  if (bytesDone <= before) return;
  await cloud.db.write(async (tx) => {
    await tx
      .updateTable('disk_imports')
      .set({ bytes_done: bytesDone })
      .where('snapshot_id', '=', id)
      .execute();
    const progress = Math.min(99, Math.floor((100 * bytesDone) / Math.max(1, total)));
    await tx
      .updateTable('snapshots')
      .set({ progress })
      .where('snapshot_id', '=', id)
      .where('state', '=', 'pending')
      .execute();
  });
}

async function finish(cloud: Cloud, row: ImportRow): Promise<void> {
  try {
    const made = await cloud.db.write((tx) => makeImage(tx, cloud, row));
    if (made === undefined)
      return await fail(cloud, row, `its snapshot ${row.snapshot_id} was deleted meanwhile`);
  } catch (error) {
    // The name was taken while the disk was read.
    if (!(error instanceof Ec2Fault)) throw error;
    await fail(cloud, row, error.message);
  }
  cloud.wake();
}

async function makeImage(
  tx: Transaction<Schema>,
  cloud: Cloud,
  row: ImportRow,
): Promise<ImageId | undefined> {
  const snapshot = await tx
    .selectFrom('snapshots')
    .selectAll()
    .where('snapshot_id', '=', row.snapshot_id)
    .where('state', '=', 'pending')
    .executeTakeFirst();
  if (snapshot === undefined) return undefined;
  const now = cloud.now().toISOString();
  const image = JSON.parse(row.image) as ImportedImage;
  const imageId = newId('ami');
  await tx
    .updateTable('snapshots')
    .set({ state: 'completed', progress: 100, completed_at: now })
    .where('snapshot_id', '=', row.snapshot_id)
    .execute();
  const tags = image.sshUser === undefined ? [] : [{ Key: 'ingot:ssh-user', Value: image.sshUser }];
  const owned = { region: row.region, ownerId: row.owner_id };
  await insertTags(tx, { id: row.snapshot_id, type: 'snapshot', ...owned }, tags);
  const ebs = {
    snapshotId: row.snapshot_id,
    sizeGiB: snapshot.volume_size_gib,
    volumeType: 'gp3',
    deleteOnTermination: true,
  };
  await insertImage(
    tx,
    {
      image_id: imageId,
      region: row.region,
      owner_id: row.owner_id,
      name: image.name,
      description: image.description ?? null,
      state: 'available',
      architecture: image.architecture,
      firmware: image.firmware,
      boot_mode: image.firmware === 'uefi' ? 'uefi' : null,
      created_at: now,
      root_device_name: '/dev/sda1',
      block_devices: JSON.stringify([{ deviceName: '/dev/sda1', ebs }]),
    },
    tags,
  );
  await tx
    .updateTable('disk_imports')
    .set({ state: 'completed', image_id: imageId, bytes_done: row.bytes_total })
    .where('snapshot_id', '=', row.snapshot_id)
    .execute();
  return imageId;
}

/** The snapshot goes with it: it never was anything. */
async function fail(cloud: Cloud, row: ImportRow, reason: string): Promise<void> {
  await cloud.db.write(async (tx) => {
    await tx
      .updateTable('disk_imports')
      .set({ state: 'failed', reason })
      .where('snapshot_id', '=', row.snapshot_id)
      .execute();
    await deleteSnapshotRows(tx, [row.snapshot_id]);
  });
  cloud.wake();
}
