/** What was told to whom, for people who look, and telling it again. */
import { randomUUID } from 'node:crypto';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { Notice } from './notice.ts';
import type { Receiver } from './receiver.ts';
import type { DeliveryState } from './table.ts';

export interface Delivery {
  readonly noticeId: string;
  readonly receiver: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly dueAt: string;
  readonly error?: string;
  readonly endedAt?: string;
  readonly at: string;
  readonly notice: Pick<Notice, 'event' | 'subject' | 'message'>;
}

export interface DeliveryChoice {
  readonly state?: DeliveryState | undefined;
  readonly receiver?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function listDeliveries(
  { db }: Pick<Factory, 'db'>,
  { state, receiver, limit }: DeliveryChoice,
): Promise<readonly Delivery[]> {
  let query = db.read
    .selectFrom('notice_deliveries')
    .innerJoin('notices', 'notices.id', 'notice_deliveries.notice_id')
    .select(['notice_id', 'receiver', 'state', 'attempts', 'due_at', 'error', 'ended_at', 'body', 'at']);
  if (state !== undefined) query = query.where('state', '=', state);
  if (receiver !== undefined) query = query.where('receiver', '=', receiver);
  const rows = await query.orderBy('at', 'desc').orderBy('notice_id').limit(limit).execute();
  return rows.map((row) => ({
    noticeId: row.notice_id,
    receiver: row.receiver,
    state: row.state,
    attempts: row.attempts,
    dueAt: row.due_at,
    ...(row.error === null ? {} : { error: row.error }),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    at: row.at,
    notice: JSON.parse(row.body) as Delivery['notice'],
  }));
}

/** Its attempts begin anew. */
export async function retryDelivery(
  { db, now }: Pick<Factory, 'db' | 'now'>,
  { noticeId, receiver }: Pick<Delivery, 'noticeId' | 'receiver'>,
): Promise<void> {
  const { numUpdatedRows } = await db.write((tx) =>
    tx
      .updateTable('notice_deliveries')
      .set({ state: 'waiting', attempts: 0, due_at: now().toISOString(), ended_at: null })
      .where((where) => where.and({ notice_id: noticeId, receiver }))
      .executeTakeFirst(),
  );
  if (numUpdatedRows > 0n) return;
  throw new FactoryError(
    'not-found',
    `${noticeId} was never addressed to ${receiver}; ingot notifications list shows what was`,
  );
}

/** A notice that only this receiver gets, so that somebody can see it arrive; answers its id. */
export async function tryReceiver(
  { db, now, receivers }: Pick<Factory, 'db' | 'now' | 'receivers'>,
  name: string,
): Promise<string> {
  const receiver = findReceiver(receivers, name);
  const id = `msg_${randomUUID()}`;
  const at = now().toISOString();
  const subject: Notice['subject'] = { kind: 'image', id: 'ami-00000000000000000', name: 'a trial' };
  const message = `This is a trial: ${name} is told of what happens here`;
  const body = JSON.stringify({ event: 'ready', at, subject, message, details: { trial: true } });
  await db.write(async (tx) => {
    await tx
      .insertInto('notices')
      .values({ id, key: `trial ${id}`, event: 'ready', body, at, addressed_at: at })
      .execute();
    await tx
      .insertInto('notice_deliveries')
      .values({
        ...{ notice_id: id, receiver: receiver.name, state: 'waiting', attempts: 0, due_at: at },
        ...{ error: null, ended_at: null },
      })
      .execute();
  });
  return id;
}

function findReceiver(receivers: readonly Receiver[], name: string): Receiver {
  const receiver = receivers.find((each) => each.name === name);
  if (receiver !== undefined) return receiver;
  const names = receivers.map((each) => each.name).join(', ') || 'none';
  throw new FactoryError(
    'not-found',
    `There is no receiver '${name}'; config.yaml's notifications have ${names}`,
  );
}
