/** EC2 knows a client token for at least a day; here it is two. */
import type { Cloud } from './cloud.ts';

const keptMs = 2 * 24 * 60 * 60_000;

export async function expireClientTokens(cloud: Cloud): Promise<void> {
  const before = new Date(cloud.now().getTime() - keptMs).toISOString();
  const expired = await cloud.db.read
    .selectFrom('client_tokens')
    .select('token')
    .where('created_at', '<', before)
    .limit(1)
    .executeTakeFirst();
  if (expired === undefined) return;
  await cloud.db.write((tx) => tx.deleteFrom('client_tokens').where('created_at', '<', before).execute());
}
