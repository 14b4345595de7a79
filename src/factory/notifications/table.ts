import type { Kysely } from 'kysely';
import type { NoticeEvent } from './notice.ts';

/** What happened, once each. */
export interface NoticeTable {
  id: string;
  key: string;
  event: NoticeEvent;
  /** JSON: the notice as its receivers get it. */
  body: string;
  at: string;
  /** Null until a delivery was written for each receiver. */
  addressed_at: string | null;
}

export type DeliveryState = 'waiting' | 'delivered' | 'given-up';

/** One for each receiver of a notice. */
export interface NoticeDeliveryTable {
  notice_id: string;
  /** Its name in the configuration. */
  receiver: string;
  state: DeliveryState;
  attempts: number;
  /** ISO 8601: not tried before. */
  due_at: string;
  error: string | null;
  ended_at: string | null;
}

export interface NotificationTables {
  notices: NoticeTable;
  notice_deliveries: NoticeDeliveryTable;
}

export async function createNotificationTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notices')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('key', 'text', (c) => c.notNull().unique())
    .addColumn('event', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('addressed_at', 'text')
    .execute();
  await db.schema.createIndex('notices_addressed').on('notices').columns(['addressed_at', 'at']).execute();
  await db.schema
    .createTable('notice_deliveries')
    .addColumn('notice_id', 'text', (c) => c.notNull())
    .addColumn('receiver', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('due_at', 'text', (c) => c.notNull())
    .addColumn('error', 'text')
    .addColumn('ended_at', 'text')
    .addPrimaryKeyConstraint('notice_deliveries_key', ['notice_id', 'receiver'])
    .execute();
  await db.schema
    .createIndex('notice_deliveries_due')
    .on('notice_deliveries')
    .columns(['state', 'due_at'])
    .execute();
}
