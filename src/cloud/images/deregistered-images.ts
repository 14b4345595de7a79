/**
 * Images that are gone. EC2 answers such an id with an empty list, not with an error, for a while and as long
 * as instances refer to it; deregistering it again is then InvalidAMIID.Unavailable. After that it never was.
 */
import { sql, type Transaction } from 'kysely';
import type { Caller } from '../../ec2/types.ts';
import type { ImageId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import type { ImageRow } from './record.ts';

const rememberedMs = 3_600_000;

/** In the transaction that takes the image away, whether to the recycle bin or for good. */
export async function rememberImage(tx: Transaction<Schema>, cloud: Cloud, image: ImageRow): Promise<void> {
  await tx
    .insertInto('deregistered_images')
    .values({
      image_id: image.image_id,
      region: image.region,
      owner_id: image.owner_id,
      created_at: image.created_at,
      source_image_id: image.source_image_id,
      source_image_region: image.source_image_region,
      deregistered_at: cloud.now().toISOString(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Those of the ids that are gone and still known to the caller: its own, or of its instances. */
export async function rememberedImages(
  cloud: Cloud,
  caller: Caller,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const since = new Date(cloud.now().getTime() - rememberedMs).toISOString();
  const rows = await cloud.db.read
    .selectFrom('deregistered_images as gone')
    .select('gone.image_id')
    .where('gone.image_id', 'in', ids as readonly ImageId[])
    .where('gone.region', '=', caller.region)
    .where((eb) =>
      eb.or([
        eb.and([eb('gone.owner_id', '=', caller.accountId), eb('gone.deregistered_at', '>', since)]),
        eb.exists(
          eb
            .selectFrom('instances')
            .select('instances.instance_id')
            .whereRef('instances.image_id', '=', 'gone.image_id')
            .where('instances.owner_id', '=', caller.accountId)
            .where('instances.state', '!=', 'terminated'),
        ),
      ]),
    )
    .execute();
  return new Set(rows.map((row) => row.image_id));
}

/** What nobody can ask about any more is forgotten: neither an instance nor an image that is left names it. */
export async function forgetImages(cloud: Cloud): Promise<void> {
  const since = new Date(cloud.now().getTime() - rememberedMs).toISOString();
  const forgotten = sql<{ image_id: ImageId }>`
    select image_id from deregistered_images as gone
    where deregistered_at <= ${since}
      and not exists (select 1 from instances where image_id = gone.image_id)
      and not exists (select 1 from images where source_image_id = gone.image_id)
      and not exists (select 1 from images where image_id = gone.image_id)
      and not exists (select 1 from deregistered_images where source_image_id = gone.image_id)
    limit 200`;
  if ((await forgotten.execute(cloud.db.read)).rows.length === 0) return;
  await cloud.db.write(async (tx) => {
    const ids = (await forgotten.execute(tx)).rows.map((row) => row.image_id);
    if (ids.length > 0) await tx.deleteFrom('deregistered_images').where('image_id', 'in', ids).execute();
  });
}
