/** How a call gets at an image by its id: who may see it, and who may change it. */
import { missingParameter, notAuthorizedFor } from '../../ec2/request-faults.ts';
import { malformedId, notFound } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { AccountId, ImageId } from '../../platform/ids.ts';
import { isId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { ImageRow } from './record.ts';

export function asImageId(value: string | undefined): ImageId {
  if (value === undefined || value === '') throw missingParameter('ImageId');
  if (!isId('ami', value)) throw malformedId('image', value);
  return value as ImageId;
}

/** An image that the caller may see: its own, a public one, or one shared with it. */
export async function findImage(cloud: Cloud, caller: Caller, value: string | undefined): Promise<ImageRow> {
  const imageId = asImageId(value);
  const image = await cloud.db.read
    .selectFrom('images')
    .selectAll()
    .where('image_id', '=', imageId)
    .where('region', '=', caller.region)
    .where('binned_at', 'is', null)
    .executeTakeFirst();
  if (image === undefined || !(await maySee(cloud, caller.accountId, image)))
    throw notFound('image', imageId);
  return image;
}

/** An image that the caller may change. */
export async function ownImage(cloud: Cloud, caller: Caller, value: string | undefined): Promise<ImageRow> {
  const image = await findImage(cloud, caller, value);
  if (image.owner_id !== caller.accountId) {
    throw notAuthorizedFor('image', image.image_id);
  }
  return image;
}

async function maySee(cloud: Cloud, accountId: AccountId, image: ImageRow): Promise<boolean> {
  if (image.owner_id === accountId || image.is_public === 1) return true;
  const permission = await cloud.db.read
    .selectFrom('image_launch_permissions')
    .select('account_id')
    .where('image_id', '=', image.image_id)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return permission !== undefined;
}
