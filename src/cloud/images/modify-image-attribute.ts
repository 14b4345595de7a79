import type { ModifyImageAttributeRequest } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { operationNotPermitted } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { readOwnImage } from './find-image.ts';
import { type ImageAttributeChange, requestedChange } from './image-attribute-change.ts';
import { blockState } from './image-block-public-access.ts';
import { publicDeprecation } from './image-deprecation.ts';
import { applyPermissionChange } from './launch-permissions.ts';
import { type ImageRow, imageCan } from './record.ts';

export async function modifyImageAttribute(
  cloud: Cloud,
  input: ModifyImageAttributeRequest,
  caller: Caller,
): Promise<Record<string, never>> {
  const image = await readOwnImage(cloud.db.read, caller, input.ImageId);
  const change = requestedChange(input);
  await checkAllowed(cloud.db.read, caller, image, change);
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const current = await readOwnImage(tx, caller, input.ImageId);
    await checkAllowed(tx, caller, current, change);
    await apply(tx, cloud, current, change);
  });
  return {};
}

/** Taking a permission away is always allowed. */
async function checkAllowed(
  db: Cloud['db']['read'] | Transaction<Schema>,
  caller: Caller,
  image: ImageRow,
  change: ImageAttributeChange,
): Promise<void> {
  if (change.attribute !== 'launchPermission') return;
  const added = change.changes.filter((one) => one.operation === 'add');
  if (!added.some((one) => one.everybody || one.accounts.length > 0)) return;
  if (!imageCan(image, 'share')) {
    throw operationNotPermitted(
      `The image '${image.image_id}' is '${image.state}' and cannot be shared; an image is shared when it is available`,
    );
  }
  const published = added.some((one) => one.everybody);
  if (!published || (await blockState(db, caller)) === 'unblocked') return;
  throw operationNotPermitted(
    "You can't publicly share this image because block public access for AMIs is enabled for this account. " +
      'To share the image publicly, call DisableImageBlockPublicAccess first.',
  );
}

async function apply(
  tx: Transaction<Schema>,
  cloud: Cloud,
  image: ImageRow,
  change: ImageAttributeChange,
): Promise<void> {
  const set = (columns: Partial<ImageRow>) =>
    tx.updateTable('images').set(columns).where('image_id', '=', image.image_id).execute();
  switch (change.attribute) {
    case 'description':
      await set({ description: change.description });
      return;
    case 'imdsSupport':
      await set({ imds_support: 'v2.0' });
      return;
    case 'launchPermission':
      for (const one of change.changes) await applyPermissionChange(tx, image.image_id, one);
      if (image.is_public === 0 && change.changes.some((one) => one.operation === 'add' && one.everybody)) {
        await set({ deprecation_time: publicDeprecation(image, cloud.now()) });
      }
      return;
    default:
      change satisfies never;
  }
}
