/**
 * Says that something happened. It is a row before it is anything else: what was said is told to its receivers even
 * if the process ends here, and however often it is said, once.
 */
import { randomUUID } from 'node:crypto';
import type { Database, Transaction } from '../../platform/database/database.ts';
import type { Notice } from './notice.ts';
import type { NotificationTables } from './table.ts';

export interface NoticeContext {
  readonly db: Database<NotificationTables>;
  readonly now: () => Date;
}

export async function notify({ db, now }: NoticeContext, notice: Notice): Promise<void> {
  await db.write((tx) => recordNotice(tx, notice, now()));
}

/** With what it tells of, in one transaction. */
export async function recordNotice(
  tx: Transaction<NotificationTables>,
  notice: Notice,
  at: Date,
): Promise<void> {
  const { key, event, subject, message, details = {} } = notice;
  await tx
    .insertInto('notices')
    .values({
      id: `msg_${randomUUID()}`,
      key,
      event,
      body: JSON.stringify({ event, at: at.toISOString(), subject, message, details }),
      at: at.toISOString(),
      addressed_at: null,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
}
