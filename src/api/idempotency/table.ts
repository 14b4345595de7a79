import type { Kysely } from 'kysely';

/** An Idempotency-Key of a caller, and what was answered to the request that brought it first. */
export interface AnswerTable {
  caller: string;
  key: string;
  /** Of the method, path and body: the same key with another request is a mistake. */
  request: string;
  /** `lost`: the server ended between. `withheld`: done, and the answer not kept. */
  state: 'running' | 'answered' | 'withheld' | 'lost';
  at: string;
  status: number | null;
  body: string | null;
}

/** The rows of this folder in the API's schema. */
export interface AnswerTables {
  answers: AnswerTable;
}

export async function createAnswerTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('answers')
    .addColumn('caller', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('request', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('status', 'integer')
    .addColumn('body', 'text')
    .addPrimaryKeyConstraint('answers_key', ['caller', 'key'])
    .execute();
  await db.schema.createIndex('answers_at').on('answers').column('at').execute();
}
