/** A terminated instance is described for an hour, as on EC2; then its row and its tags go. */
import type { Cloud } from '../cloud.ts';
import { deleteTagsOf } from '../tags/delete-tags-of.ts';
import { interfaceId } from './interface-id.ts';

const keptMs = 60 * 60_000;

export async function purgeTerminated(cloud: Cloud): Promise<void> {
  const before = new Date(cloud.now().getTime() - keptMs).toISOString();
  const rows = await cloud.db.read
    .selectFrom('instances')
    .select('instance_id')
    .where('state', '=', 'terminated')
    .where('terminated_at', '<', before)
    .limit(500)
    .execute();
  if (rows.length === 0) return;
  const ids = rows.map((row) => row.instance_id);
  await cloud.db.write(async (tx) => {
    await deleteTagsOf(tx, [...ids, ...ids.map(interfaceId)]);
    await tx.deleteFrom('instances').where('instance_id', 'in', ids).execute();
  });
}
