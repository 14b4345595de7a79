/** The reconciling pass over what is gone: images whose time in the bin is over, and ids to be forgotten. */
import type { Cloud } from '../cloud.ts';
import { forgetImages } from './deregistered-images.ts';
import { deleteImageRows } from './insert-image.ts';

export async function expireImages(cloud: Cloud): Promise<void> {
  const now = cloud.now().toISOString();
  if ((await expired(cloud.db.read, now)).length > 0) {
    // Read again where it cannot change: it may have been restored meanwhile.
    await cloud.db.write(async (tx) => {
      for (const imageId of await expired(tx, now)) await deleteImageRows(tx, imageId);
    });
    cloud.wake();
  }
  await forgetImages(cloud);
}

async function expired(db: Pick<Cloud['db']['read'], 'selectFrom'>, now: string) {
  const rows = await db
    .selectFrom('images')
    .select('image_id')
    .where('bin_until', '<=', now)
    .limit(200)
    .execute();
  return rows.map((row) => row.image_id);
}
