import type { Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

/** With a resource go its tags, in the same transaction. */
export async function deleteTagsOf(tx: Transaction<Schema>, resourceIds: readonly string[]): Promise<void> {
  if (resourceIds.length === 0) return;
  await tx.deleteFrom('tags').where('resource_id', 'in', resourceIds).execute();
}
