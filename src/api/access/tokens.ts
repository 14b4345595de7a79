/** Tokens: made once and shown once; what is kept is a digest, which opens nothing. */
import { createHash, randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import { FactoryError } from '../../factory/factory-error.ts';
import type { Access } from './access.ts';
import type { Role } from './roles.ts';
import type { TokenTable } from './table.ts';

export interface Token {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | undefined;
  readonly usedAt: string | undefined;
}

/** The name of whoever has the token of the home. */
export const homeName = 'home';

export async function addToken(
  { records, now }: Pick<Access, 'records' | 'now'>,
  given: {
    readonly name: string;
    readonly role: Role;
    readonly lifetimeMs?: number | undefined;
    readonly by: string;
  },
): Promise<{ readonly token: Token; readonly secret: string }> {
  const { name, role, lifetimeMs, by } = given;
  const secret = `ingot_${randomBytes(32).toString('base64url')}`;
  const at = now();
  const row: Selectable<TokenTable> = {
    name,
    role,
    digest: digestOf(secret),
    created_at: at.toISOString(),
    created_by: by,
    expires_at: lifetimeMs === undefined ? null : new Date(at.getTime() + lifetimeMs).toISOString(),
    used_at: null,
  };
  const isTaken = name === homeName || !(await insertNew());
  if (isTaken) {
    throw new FactoryError(
      'conflict',
      `There is a token '${name}' already: take another name, or remove it first`,
    );
  }
  return { token: toToken(row), secret };

  async function insertNew(): Promise<boolean> {
    return await records.write(async (db) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('tokens')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    });
  }
}

/** By name. */
export async function listTokens({ records }: Pick<Access, 'records'>): Promise<readonly Token[]> {
  return (await records.read.selectFrom('tokens').selectAll().orderBy('name').execute()).map(toToken);
}

export async function removeToken({ records }: Pick<Access, 'records'>, name: string): Promise<void> {
  const { numDeletedRows } = await records.write((db) =>
    db.deleteFrom('tokens').where('name', '=', name).executeTakeFirstOrThrow(),
  );
  if (numDeletedRows === 0n) throw new FactoryError('not-found', `There is no token '${name}'`);
}

/** Whose secret it is; expired ones too, so that whoever has one can be told. */
export async function findToken({ records, now }: Access, secret: string): Promise<Token | undefined> {
  const digest = digestOf(secret);
  const row = await records.read
    .selectFrom('tokens')
    .selectAll()
    .where('digest', '=', digest)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const minute = `${now().toISOString().slice(0, 16)}:00.000Z`;
  if (row.used_at !== minute) {
    await records.write((db) =>
      db.updateTable('tokens').set({ used_at: minute }).where('digest', '=', digest).execute(),
    );
  }
  return toToken(row);
}

export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function toToken(row: Selectable<TokenTable>): Token {
  return {
    name: row.name,
    role: row.role,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at ?? undefined,
    usedAt: row.used_at ?? undefined,
  };
}
