import type { Kysely } from 'kysely';

/** When each piece of regular work began last, so that a restart neither forgets nor repeats it. */
export interface ScheduleTable {
  name: string;
  began_at: string;
}

export interface ScheduleTables {
  schedules: ScheduleTable;
}

export async function createScheduleTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('schedules')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('began_at', 'text', (c) => c.notNull())
    .execute();
}
