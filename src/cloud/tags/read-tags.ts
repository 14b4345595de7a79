import type { Tag } from '@aws-sdk/client-ec2';
import type { Kysely, Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

export type TagsOf = ReadonlyMap<string, readonly Tag[]>;

/** The tags of many resources in one query, in order of key. */
export async function readTags(
  db: Kysely<Schema> | Transaction<Schema>,
  resourceIds: readonly string[],
): Promise<TagsOf> {
  const tags = new Map<string, Tag[]>();
  for (let start = 0; start < resourceIds.length; start += 500) {
    const rows = await db
      .selectFrom('tags')
      .select(['resource_id', 'key', 'value'])
      .where('resource_id', 'in', resourceIds.slice(start, start + 500))
      .orderBy('resource_id')
      .orderBy('key')
      .execute();
    for (const row of rows) {
      const known = tags.get(row.resource_id) ?? [];
      known.push({ Key: row.key, Value: row.value });
      tags.set(row.resource_id, known);
    }
  }
  return tags;
}
