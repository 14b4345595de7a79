/** Writes a new image with its snapshots and tags: CreateImage, RegisterImage and CopyImage all end here. */
import type { Insertable, Transaction } from 'kysely';
import { imageNameTaken } from '../../ec2/state-faults.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { type CheckedTag, insertTags } from '../tags/tag-specifications.ts';
import { blockDevices } from './record.ts';
import type { ImageTable } from './table.ts';

type Named = Pick<Insertable<ImageTable>, 'region' | 'owner_id' | 'name'>;

/** A name is one live image's, in an account and region; a binned or deregistered image gives it back. */
export async function checkNameFree(
  db: Cloud['db']['read'] | Transaction<Schema>,
  { region, owner_id: ownerId, name }: Named,
): Promise<void> {
  const holder = await db
    .selectFrom('images')
    .select('image_id')
    .where('region', '=', region)
    .where('owner_id', '=', ownerId)
    .where('name', '=', name)
    .where('binned_at', 'is', null)
    .executeTakeFirst();
  if (holder !== undefined) throw imageNameTaken(name, holder.image_id);
}

/** Refuses a name that is taken; two concurrent calls cannot both pass. */
export async function insertImage(
  tx: Transaction<Schema>,
  image: Insertable<ImageTable>,
  tags: readonly CheckedTag[],
): Promise<void> {
  await checkNameFree(tx, image);
  await tx.insertInto('images').values(image).execute();
  for (const { ebs } of blockDevices(image)) {
    if (ebs?.snapshotId === undefined) continue;
    await tx
      .insertInto('image_snapshots')
      .values({ image_id: image.image_id, snapshot_id: ebs.snapshotId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  await insertTags(
    tx,
    { id: image.image_id, type: 'image', region: image.region, ownerId: image.owner_id },
    tags,
  );
}

/** Removes every trace of an image; its snapshots stay. */
export async function deleteImageRows(
  tx: Transaction<Schema>,
  imageId: ImageTable['image_id'],
): Promise<void> {
  await tx.deleteFrom('tags').where('resource_id', '=', imageId).execute();
  await tx.deleteFrom('image_snapshots').where('image_id', '=', imageId).execute();
  await tx.deleteFrom('image_launch_permissions').where('image_id', '=', imageId).execute();
  await tx.deleteFrom('images').where('image_id', '=', imageId).execute();
}
