/** Accounts and their access keys. EC2 has no call for them: the admin door does. */
import { randomBytes, randomInt } from 'node:crypto';
import type { AccessKey } from '../../ec2/types.ts';
import type { AccountId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';

/**
 * An account that the configuration names. Its name may be taken by the one that was configured before: then
 * its number stands in the name too.
 */
export async function ensureAccount(cloud: Cloud, accountId: AccountId, name: string): Promise<void> {
  await cloud.db.write(async (tx) => {
    const rows = await tx.selectFrom('accounts').select(['account_id', 'name']).execute();
    if (rows.some((row) => row.account_id === accountId)) return;
    const taken = rows.some((row) => row.name === name);
    await tx
      .insertInto('accounts')
      .values({
        account_id: accountId,
        name: taken ? `${name}-${accountId}` : name,
        created_at: cloud.now().toISOString(),
      })
      .execute();
  });
}

export interface Account {
  readonly accountId: AccountId;
  readonly name: string;
  readonly createdAt: string;
}

export async function listAccounts(cloud: Cloud): Promise<readonly Account[]> {
  const rows = await cloud.db.read.selectFrom('accounts').selectAll().orderBy('created_at').execute();
  return rows.map((row) => ({ accountId: row.account_id, name: row.name, createdAt: row.created_at }));
}

/** Makes an account with its first key. A name that is taken is an error that says so. */
export async function addAccount(cloud: Cloud, name: string): Promise<AccessKey> {
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(name)) {
    throw new RangeError(
      `'${name}' cannot name an account: 2 to 31 of a-z, 0-9 and -, beginning with a letter`,
    );
  }
  const accountId = await cloud.db.write(async (tx) => {
    const rows = await tx.selectFrom('accounts').select(['account_id', 'name']).execute();
    if (rows.some((row) => row.name === name)) {
      throw new RangeError(`There is an account named '${name}' already`);
    }
    const id = newAccountId(new Set(rows.map((row) => row.account_id)));
    await tx
      .insertInto('accounts')
      .values({ account_id: id, name, created_at: cloud.now().toISOString() })
      .execute();
    return id;
  });
  return await addAccessKey(cloud, accountId, name);
}

function newAccountId(taken: ReadonlySet<AccountId>): AccountId {
  const id = String(randomInt(100_000_000_000, 200_000_000_000)) as AccountId;
  return taken.has(id) ? newAccountId(taken) : id;
}

/** Throws a RangeError for an account that is not there. */
export async function addAccessKey(cloud: Cloud, accountId: AccountId, userName: string): Promise<AccessKey> {
  const account = await cloud.db.read
    .selectFrom('accounts')
    .select('account_id')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (account === undefined) throw new RangeError(`There is no account ${accountId}`);
  const key: AccessKey = { ...newCredentials(), accountId, userName };
  await storeAccessKey(cloud, key);
  return key;
}

/** Keeps a key that was made elsewhere: of the one in the home's secrets, the file has the last word. */
export async function storeAccessKey(cloud: Cloud, key: AccessKey): Promise<void> {
  await cloud.db.write((tx) =>
    tx
      .insertInto('access_keys')
      .values({
        access_key_id: key.accessKeyId,
        secret_access_key: key.secretAccessKey,
        account_id: key.accountId,
        user_name: key.userName,
        created_at: cloud.now().toISOString(),
      })
      .onConflict((conflict) =>
        conflict.column('access_key_id').doUpdateSet({
          secret_access_key: key.secretAccessKey,
          account_id: key.accountId,
          user_name: key.userName,
        }),
      )
      .execute(),
  );
}

/** In AWS's form, so that clients which check it are content. */
export function newCredentials(): Pick<AccessKey, 'accessKeyId' | 'secretAccessKey'> {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const id = [...randomBytes(16)].map((byte) => letters[byte & 31]).join('');
  return { accessKeyId: `AKIA${id}`, secretAccessKey: randomBytes(30).toString('base64') };
}

export async function findAccessKey(cloud: Cloud, accessKeyId: string): Promise<AccessKey | undefined> {
  const row = await cloud.db.read
    .selectFrom('access_keys')
    .selectAll()
    .where('access_key_id', '=', accessKeyId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    accessKeyId: row.access_key_id,
    secretAccessKey: row.secret_access_key,
    accountId: row.account_id,
    userName: row.user_name,
  };
}
