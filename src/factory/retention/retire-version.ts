import type { Transaction } from '../../platform/database/database.ts';
import type { FactorySchema } from '../schema.ts';

/**
 * Takes the version of a deleted image out of the registry: nobody is led to it any more, its name can be given
 * again, and the next deployment of the same inputs makes an image anew.
 */
export async function retireVersion(
  tx: Transaction<FactorySchema>,
  { target, imageId }: { readonly target: string; readonly imageId: string },
  { at, why }: { readonly at: Date; readonly why: string },
): Promise<void> {
  const key = { target, image_id: imageId };
  await tx
    .deleteFrom('golden_images')
    .where((where) => where.and({ ...key, state: 'completed' }))
    .execute();
  const version = await tx
    .selectFrom('versions')
    .select(['template', 'version', 'region', 'architecture', 'created_at'])
    .where((where) => where.and(key))
    .executeTakeFirst();
  if (version === undefined) return;
  await tx
    .insertInto('retired_versions')
    .values({ ...key, ...version, retired_at: at.toISOString(), why })
    .onConflict((conflict) => conflict.columns(['target', 'image_id']).doNothing())
    .execute();
  await tx
    .deleteFrom('version_packages')
    .where((where) => where.and(key))
    .execute();
  await tx
    .deleteFrom('versions')
    .where((where) => where.and(key))
    .execute();
}
