import type { Transaction } from '../../platform/database/database.ts';
import type { RegistryTables } from '../registry/table.ts';
import type { RetentionTables } from './table.ts';

/**
 * Takes the version of a deleted image out of the registry: nobody is led to it any more, and its name can be given
 * again. Nothing happens where none is registered for the image.
 */
export async function retireVersion(
  tx: Transaction<RegistryTables & RetentionTables>,
  { target, imageId }: { readonly target: string; readonly imageId: string },
  { at, why }: { readonly at: Date; readonly why: string },
): Promise<void> {
  const key = { target, image_id: imageId };
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
