import type { VaultContext } from '../context.ts';
import { listSessions, type SessionStatus } from '../sessions/list-sessions.ts';
import { removeSession } from '../sessions/session.ts';

/** Ends the sessions that have fallen silent and clears what ended ones left. Answers those that go on. */
export async function expireSessions(
  context: VaultContext,
  nowMs: number,
): Promise<{ readonly open: readonly SessionStatus[]; readonly expired: number }> {
  const open: SessionStatus[] = [];
  let expired = 0;
  for (const session of await listSessions(context)) {
    if (nowMs - session.lastHeardMs <= session.leaseMs) {
      if (session.open !== undefined) open.push(session);
      continue;
    }
    await removeSession(context, session.id);
    context.log.info(
      { session: session.id, region: context.regionName },
      'vault session was silent and is ended',
    );
    expired++;
  }
  return { open, expired };
}
