/**
 * The one database of a home. Reads have a connection of their own and see only what is committed; writes go
 * one at a time. Await nothing but SQL inside `write`: whatever else waits there makes everybody wait.
 */
import { Kysely, type Migration, Migrator, type Transaction } from 'kysely';
import { openSqlite, sqliteDialect } from './sqlite-dialect.ts';

export type { Transaction } from 'kysely';

export interface Database<Schema> {
  readonly read: Kysely<Schema>;
  write<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens or makes the SQLite file and brings its schema up to date. Migrations are named so that they sort. */
export async function openDatabase<Schema>(
  file: string,
  migrations: Readonly<Record<string, Migration>>,
): Promise<Database<Schema>> {
  const writer = new Kysely<Schema>({ dialect: sqliteDialect(() => openSqlite(file, { readOnly: false })) });
  const migrator = new Migrator({ db: writer, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    await writer.destroy();
    throw new Error(`The schema of ${file} could not be brought up to date`, { cause: error });
  }
  const reader = new Kysely<Schema>({ dialect: sqliteDialect(() => openSqlite(file, { readOnly: true })) });
  return {
    read: reader,
    write: (work) => writer.transaction().execute(work),
    close: async () => {
      await reader.destroy();
      await writer.destroy();
    },
  };
}
