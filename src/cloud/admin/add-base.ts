/**
 * A base image: a disk file becomes one frozen layer, and in every region a snapshot and a public image of it,
 * owned by the account that `amazon` stands for. All regions share the layer; nothing is copied.
 */
import type { Transaction } from 'kysely';
import { type Architecture, type Firmware, type ImageId, type LayerId, newId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { insertImage } from '../images/insert-image.ts';
import type { Schema } from '../schema.ts';
import { noVolume } from '../snapshots/no-volume.ts';
import { insertTags } from '../tags/tag-specifications.ts';
import { bytesPerGiB } from '../volumes/make-layers.ts';

export interface BaseToAdd {
  /** 'ingot-tiny-x86_64-20260101': the same name again is the same image. */
  readonly imageName: string;
  readonly description: string;
  readonly architecture: Architecture;
  readonly firmware: Firmware;
  readonly sshUser: string;
  /** 'tiny': what `ingot launch tiny` finds it by. */
  readonly alias: string;
  /** A qcow2 or raw file on the node's machine. */
  readonly file: string;
}

export async function addBase(cloud: Cloud, base: BaseToAdd): Promise<Readonly<Record<string, ImageId>>> {
  return await cloud.queue.run([`base:${base.imageName}`], async () => {
    const known = await baseImages(cloud, base.imageName);
    const missing = cloud.config.regions.filter((region) => known[region] === undefined);
    if (missing.length === 0) return known;
    await addIn(cloud, base, missing);
    return await baseImages(cloud, base.imageName);
  });
}

async function addIn(cloud: Cloud, base: BaseToAdd, regions: readonly string[]): Promise<void> {
  const [nodeId] = cloud.nodes.ids;
  if (nodeId === undefined)
    throw new Error('A base image needs a node to hold its disk; this cloud has none');
  const snapshots = regions.map((region) => ({ region, snapshotId: newId('snap') }));
  const layerId = (await heldLayer(cloud, base.imageName)) ?? newId('layer');
  const startedAt = cloud.now().toISOString();
  // Pending rows first: they keep the layer from the sweep while it is imported.
  await cloud.db.write(async (tx) => {
    for (const { region, snapshotId } of snapshots) {
      await tx
        .insertInto('snapshots')
        .values({
          snapshot_id: snapshotId,
          region,
          owner_id: cloud.config.baseAccountId,
          volume_id: noVolume,
          volume_size_gib: 1,
          state: 'pending',
          progress: 0,
          started_at: startedAt,
          description: base.imageName,
          layer_id: layerId,
          node_id: nodeId,
          is_public: 1,
        })
        .execute();
    }
  });
  try {
    const layer = await cloud.nodes.get(nodeId).importLayer({ layerId, file: base.file });
    const sizeGiB = Math.ceil(layer.virtualSizeBytes / bytesPerGiB);
    await cloud.db.write(async (tx) => {
      for (const place of snapshots) await publish(tx, cloud, base, { ...place, sizeGiB });
    });
  } catch (error) {
    const ids = snapshots.map((place) => place.snapshotId);
    await cloud.db.write((tx) => tx.deleteFrom('snapshots').where('snapshot_id', 'in', ids).execute());
    throw new Error(`The base image ${base.imageName} could not be added from ${base.file}`, {
      cause: error,
    });
  }
}

async function publish(
  tx: Transaction<Schema>,
  cloud: Cloud,
  base: BaseToAdd,
  place: {
    readonly region: string;
    readonly snapshotId: ReturnType<typeof newId<'snap'>>;
    readonly sizeGiB: number;
  },
): Promise<void> {
  const now = cloud.now().toISOString();
  const imageId = newId('ami');
  await tx
    .updateTable('snapshots')
    .set({ state: 'completed', progress: 100, completed_at: now, volume_size_gib: place.sizeGiB })
    .where('snapshot_id', '=', place.snapshotId)
    .execute();
  // It can be made again of its file: the vault gets it once something else of the region stands on it.
  await tx
    .updateTable('stored_snapshots')
    .set({ state: 'unwanted' })
    .where('snapshot_id', '=', place.snapshotId)
    .execute();
  const tags = [
    { Key: 'ingot:alias', Value: base.alias },
    { Key: 'ingot:ssh-user', Value: base.sshUser },
  ];
  await insertImage(
    tx,
    {
      image_id: imageId,
      region: place.region,
      owner_id: cloud.config.baseAccountId,
      name: base.imageName,
      description: base.description,
      state: 'available',
      architecture: base.architecture,
      firmware: base.firmware,
      boot_mode: base.firmware === 'uefi' ? 'uefi' : null,
      created_at: now,
      root_device_name: '/dev/sda1',
      block_devices: JSON.stringify([
        {
          deviceName: '/dev/sda1',
          ebs: {
            snapshotId: place.snapshotId,
            sizeGiB: place.sizeGiB,
            volumeType: 'gp3',
            deleteOnTermination: true,
          },
        },
      ]),
      is_public: 1,
    },
    tags,
  );
  const owned = { region: place.region, ownerId: cloud.config.baseAccountId };
  await insertTags(tx, { id: place.snapshotId, type: 'snapshot', ...owned }, tags);
}

async function baseImages(cloud: Cloud, name: string): Promise<Record<string, ImageId>> {
  const rows = await cloud.db.read
    .selectFrom('images')
    .select(['region', 'image_id'])
    .where('owner_id', '=', cloud.config.baseAccountId)
    .where('name', '=', name)
    .where('binned_at', 'is', null)
    .execute();
  return Object.fromEntries(rows.map((row) => [row.region, row.image_id]));
}

/** A region that is configured later shares the layer that the others have. */
async function heldLayer(cloud: Cloud, imageName: string): Promise<LayerId | undefined> {
  const row = await cloud.db.read
    .selectFrom('snapshots')
    .select('layer_id')
    .where('owner_id', '=', cloud.config.baseAccountId)
    .where('description', '=', imageName)
    .where('state', '=', 'completed')
    .executeTakeFirst();
  return row?.layer_id;
}
