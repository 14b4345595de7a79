/** The reconciling pass that keeps each image's `config.json` in its region's vault, and removes it with the image. */
import type { Cloud } from '../cloud.ts';
import { blockDevices, type ImageRow } from '../images/record.ts';
import { drive } from '../reconcile.ts';
import type { StoredImageTable } from './table.ts';

type Wanted = Pick<StoredImageTable, 'image_id' | 'region'> & { readonly wanted: number };

export async function storeImages(cloud: Cloud): Promise<void> {
  const rows = await cloud.db.read
    .selectFrom('stored_images')
    .select(['image_id', 'region', 'wanted'])
    .whereRef('written', '<', 'wanted')
    .limit(50)
    .execute();
  if (rows.length === 0) return;
  drive(cloud, 'stored-images', async () => {
    for (const row of rows) await storeImage(cloud, row);
    cloud.wake();
  });
}

async function storeImage(cloud: Cloud, { image_id: imageId, region, wanted }: Wanted): Promise<void> {
  const [nodeId] = cloud.nodes.ids;
  if (nodeId === undefined) return;
  const image = await cloud.db.read
    .selectFrom('images')
    .selectAll()
    .where('image_id', '=', imageId)
    .executeTakeFirst();
  await cloud.nodes.get(nodeId).putStoredImage({
    region,
    imageId,
    ...(image === undefined ? {} : { config: JSON.stringify(configOf(image)) }),
  });
  await cloud.db.write(async (tx) => {
    if (image === undefined) {
      await tx.deleteFrom('stored_images').where('image_id', '=', imageId).execute();
      return;
    }
    // The number says which change was written, so that one which came meanwhile is not lost.
    await tx.updateTable('stored_images').set({ written: wanted }).where('image_id', '=', imageId).execute();
  });
}

function configOf(image: ImageRow) {
  return {
    name: image.name,
    description: image.description ?? '',
    ownerId: image.owner_id,
    createdAt: image.created_at,
    architecture: image.architecture,
    firmware: image.firmware,
    bootMode: image.boot_mode,
    rootDeviceName: image.root_device_name,
    blockDevices: blockDevices(image),
    sourceImageId: image.source_image_id,
    sourceImageRegion: image.source_image_region,
  };
}
