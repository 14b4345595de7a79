/**
 * Takes what was said to its receivers: each notice is addressed once, and each delivery is tried until it arrives or
 * its attempts are over. The rows are the queue, so that the end of the process loses and repeats nothing but an
 * attempt that nobody could finish.
 */
import type { Database } from '../../platform/database/database.ts';
import type { Log } from '../../platform/log.ts';
import type { Deliver } from './deliver.ts';
import type { Notice } from './notice.ts';
import { isFor, type Message, type Receiver } from './receiver.ts';
import type { NotificationTables } from './table.ts';

export interface OutboxParts {
  readonly db: Database<NotificationTables>;
  readonly now: () => Date;
  readonly log: Log;
  readonly receivers: readonly Receiver[];
  readonly deliver: Deliver;
}

/** After each attempt that failed; there is one attempt more than there are waits. */
const waitsMs = [5_000, 60_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000];
const atOnce = 8;
const keptMs = 30 * 86_400_000;

/** Addresses and delivers all that is due; answers how many were tried. */
export async function sendDue(parts: OutboxParts, signal: AbortSignal): Promise<number> {
  await addressNotices(parts);
  const due = await dueDeliveries(parts);
  await Promise.all(due.map((delivery) => send(parts, delivery, signal)));
  return due.length;
}

/** What is over is forgotten after 30 days. */
export async function forgetOldNotices({ db, now }: Pick<OutboxParts, 'db' | 'now'>): Promise<void> {
  const before = new Date(now().getTime() - keptMs).toISOString();
  await db.write(async (tx) => {
    const waiting = tx.selectFrom('notice_deliveries').select('notice_id').where('state', '=', 'waiting');
    await tx
      .deleteFrom('notices')
      .where('at', '<', before)
      .where('addressed_at', 'is not', null)
      .where('id', 'not in', waiting)
      .execute();
    const left = tx.selectFrom('notices').select('id');
    await tx.deleteFrom('notice_deliveries').where('notice_id', 'not in', left).execute();
  });
}

async function addressNotices({ db, now, receivers }: OutboxParts): Promise<void> {
  const fresh = await db.read
    .selectFrom('notices')
    .select(['id', 'body'])
    .where('addressed_at', 'is', null)
    .orderBy('at')
    .execute();
  if (fresh.length === 0) return;
  const at = now().toISOString();
  await db.write(async (tx) => {
    for (const { id, body } of fresh) {
      const notice = JSON.parse(body) as Notice;
      for (const { name } of receivers.filter((receiver) => isFor(receiver, notice))) {
        await tx
          .insertInto('notice_deliveries')
          .values({
            ...{ notice_id: id, receiver: name, state: 'waiting', attempts: 0, due_at: at },
            ...{ error: null, ended_at: null },
          })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
      await tx.updateTable('notices').set({ addressed_at: at }).where('id', '=', id).execute();
    }
  });
}

interface DueDelivery extends Message {
  readonly receiver: string;
  readonly attempts: number;
}

async function dueDeliveries({ db, now }: OutboxParts): Promise<readonly DueDelivery[]> {
  return await db.read
    .selectFrom('notice_deliveries')
    .innerJoin('notices', 'notices.id', 'notice_deliveries.notice_id')
    .select(['notices.id', 'notices.event', 'notices.body', 'receiver', 'attempts'])
    .where('state', '=', 'waiting')
    .where('due_at', '<=', now().toISOString())
    .orderBy('due_at')
    .limit(atOnce)
    .execute();
}

async function send(parts: OutboxParts, delivery: DueDelivery, signal: AbortSignal): Promise<void> {
  const receiver = parts.receivers.find(({ name }) => name === delivery.receiver);
  const attempts = delivery.attempts + 1;
  const ended_at = parts.now().toISOString();
  if (receiver === undefined) {
    const error = 'No receiver of this name is configured any more';
    return await end(parts, delivery, { state: 'given-up', error, ended_at });
  }
  try {
    await parts.deliver(receiver, delivery, signal);
    await end(parts, delivery, { state: 'delivered', attempts, error: null, ended_at });
  } catch (failure) {
    if (signal.aborted) return;
    const error = failure instanceof Error ? causeOf(failure) : String(failure);
    const waitMs = waitsMs[delivery.attempts];
    parts.log.warn(
      { receiver: receiver.name, notice: delivery.id, attempts, error },
      'A notice did not arrive',
    );
    if (waitMs === undefined)
      return await end(parts, delivery, { state: 'given-up', attempts, error, ended_at });
    const due_at = new Date(parts.now().getTime() + waitMs).toISOString();
    await end(parts, delivery, { state: 'waiting', attempts, error, due_at });
  }
}

type Change = Partial<
  Pick<NotificationTables['notice_deliveries'], 'state' | 'attempts' | 'error' | 'due_at' | 'ended_at'>
>;

async function end({ db }: OutboxParts, { id, receiver }: DueDelivery, change: Change): Promise<void> {
  await db.write((tx) =>
    tx
      .updateTable('notice_deliveries')
      .set(change)
      .where((where) => where.and({ notice_id: id, receiver }))
      .execute(),
  );
}

/** Of `fetch`, the cause says what went wrong. */
function causeOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
