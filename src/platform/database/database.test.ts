import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from './database.ts';

interface Schema {
  things: { id: string; size: number | null };
}

const migrations = {
  '0001-things': {
    up: async (db: import('kysely').Kysely<unknown>) => {
      await db.schema
        .createTable('things')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('size', 'integer')
        .execute();
    },
  },
};

let directory: string;
let db: Database<Schema>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-db-'));
  db = await openDatabase<Schema>(join(directory, 'state.db'), migrations);
});

afterEach(async () => {
  await db.close();
  await rm(directory, { recursive: true });
});

const ids = async () =>
  (await db.read.selectFrom('things').select('id').orderBy('id').execute()).map((r) => r.id);

test('a write is seen by readers only after it is committed', async () => {
  await db.write(async (tx) => {
    await tx.insertInto('things').values({ id: 'a', size: 1 }).execute();
    expect(await ids()).toEqual([]);
  });
  expect(await ids()).toEqual(['a']);
});

test('a write that throws leaves nothing', async () => {
  const failing = db.write(async (tx) => {
    await tx.insertInto('things').values({ id: 'a', size: 1 }).execute();
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await ids()).toEqual([]);
});

test('concurrent writes go one after the other', async () => {
  const increment = () =>
    db.write(async (tx) => {
      const row = await tx.selectFrom('things').selectAll().where('id', '=', 'n').executeTakeFirst();
      await tx.deleteFrom('things').where('id', '=', 'n').execute();
      await tx
        .insertInto('things')
        .values({ id: 'n', size: (row?.size ?? 0) + 1 })
        .execute();
    });
  await Promise.all(Array.from({ length: 20 }, increment));
  expect(await db.read.selectFrom('things').select('size').executeTakeFirst()).toEqual({ size: 20 });
});

test('what was written is there when the file is opened again', async () => {
  await db.write((tx) => tx.insertInto('things').values({ id: 'kept', size: null }).execute());
  await db.close();
  db = await openDatabase<Schema>(join(directory, 'state.db'), migrations);
  expect(await ids()).toEqual(['kept']);
});
