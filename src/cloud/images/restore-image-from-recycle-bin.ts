import type {
  RestoreImageFromRecycleBinRequest,
  RestoreImageFromRecycleBinResult,
} from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { notFound } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { asImageId } from './find-image.ts';
import { checkNameFree } from './insert-image.ts';
import type { ImageRow } from './record.ts';

/** The image comes back as it was, with those of its snapshots that went to the bin: without them it is none. */
export async function restoreImageFromRecycleBin(
  cloud: Cloud,
  input: RestoreImageFromRecycleBinRequest,
  caller: Caller,
): Promise<RestoreImageFromRecycleBinResult> {
  await checkNameFree(cloud.db.read, await binned(cloud.db.read, caller, input.ImageId));
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const image = await binned(tx, caller, input.ImageId);
    await checkNameFree(tx, image);
    const restored = { binned_at: null, bin_until: null };
    await tx.updateTable('images').set(restored).where('image_id', '=', image.image_id).execute();
    await tx
      .updateTable('snapshots')
      .set(restored)
      .where('snapshot_id', 'in', (eb) =>
        eb.selectFrom('image_snapshots').select('snapshot_id').where('image_id', '=', image.image_id),
      )
      .execute();
    await tx.deleteFrom('deregistered_images').where('image_id', '=', image.image_id).execute();
  });
  return { Return: true };
}

async function binned(
  db: Cloud['db']['read'] | Transaction<Schema>,
  caller: Caller,
  value: string | undefined,
): Promise<ImageRow> {
  const imageId = asImageId(value);
  const row = await db
    .selectFrom('images')
    .selectAll()
    .where('image_id', '=', imageId)
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId)
    .where('binned_at', 'is not', null)
    .executeTakeFirst();
  if (row === undefined) throw notFound('image', imageId);
  return row;
}
