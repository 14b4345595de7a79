/** How a call gets at an image by its id: who may see it, and who may change it. */
import type { Transaction } from 'kysely';
import { missingParameter, notAuthorizedFor } from '../../ec2/request-faults.ts';
import { malformedId, notFound } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { type ImageId, isId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import type { ImageRow } from './record.ts';
import { isVisibleTo } from './visible-images.ts';

type Db = Cloud['db']['read'] | Transaction<Schema>;
type Who = Pick<Caller, 'accountId' | 'region'>;

export function asImageId(value: string | undefined): ImageId {
  if (value === undefined || value === '') throw missingParameter('ImageId');
  if (!isId('ami', value)) throw malformedId('image', value);
  return value as ImageId;
}

/** An image that the caller may see: its own, a public one, or one shared with it. */
export async function findImage(cloud: Cloud, caller: Who, value: string | undefined): Promise<ImageRow> {
  return await readImage(cloud.db.read, caller, value);
}

/** An image that the caller may change. */
export async function ownImage(cloud: Cloud, caller: Who, value: string | undefined): Promise<ImageRow> {
  return await readOwnImage(cloud.db.read, caller, value);
}

/** In a transaction it stays as it is read. */
export async function readImage(db: Db, caller: Who, value: string | undefined): Promise<ImageRow> {
  const imageId = asImageId(value);
  const image = await db
    .selectFrom('images')
    .selectAll()
    .where('image_id', '=', imageId)
    .where('region', '=', caller.region)
    .where('binned_at', 'is', null)
    .where(isVisibleTo(caller.accountId))
    .executeTakeFirst();
  if (image === undefined) throw notFound('image', imageId);
  return image;
}

export async function readOwnImage(db: Db, caller: Who, value: string | undefined): Promise<ImageRow> {
  const image = await readImage(db, caller, value);
  if (image.owner_id !== caller.accountId) throw notAuthorizedFor('image', image.image_id);
  return image;
}
