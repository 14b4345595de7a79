import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { RegistryTables } from './table.ts';
import { entryColumns, toEntry, type VersionEntry } from './version-row.ts';

/** The versions that were made from these, and from those again. Not the given ones. */
export async function descendantsOf(
  db: Pick<Kysely<RegistryTables>, 'selectFrom'>,
  versions: readonly VersionEntry[],
): Promise<readonly VersionEntry[]> {
  const seen = new Set(versions.map(keyOf));
  const found: VersionEntry[] = [];
  for (let parents = versions; parents.length > 0; ) {
    const children: VersionEntry[] = [];
    for (const { target, imageId } of parents) {
      const rows = await db
        .selectFrom('versions')
        .select(entryColumns)
        .select(sql<number>`proof is not null`.as('has_proof'))
        .where('target', '=', target)
        .where((where) =>
          where.or([where('base_image_id', '=', imageId), where('parent_image_id', '=', imageId)]),
        )
        .orderBy('sequence')
        .execute();
      children.push(...rows.map(toEntry).filter((child) => !seen.has(keyOf(child))));
      for (const child of children) seen.add(keyOf(child));
    }
    found.push(...children);
    parents = children;
  }
  return found;
}

function keyOf({ target, imageId }: VersionEntry): string {
  return `${target} ${imageId}`;
}
