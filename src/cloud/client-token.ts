/** ClientToken: the same request again gives the same answer; the same token for another request is refused. */
import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../ec2/faults.ts';
import type { Caller } from '../ec2/types.ts';
import type { Cloud } from './cloud.ts';
import type { Schema } from './schema.ts';

export interface TokenUse {
  readonly action: string;
  readonly token: string | undefined;
  /** The request without its token. */
  readonly parameters: unknown;
}

/** What the first request with this token made, or undefined where it is new. */
export async function tokenResult(
  db: Cloud['db']['read'] | Transaction<Schema>,
  caller: Caller,
  use: TokenUse,
): Promise<string | undefined> {
  if (use.token === undefined || use.token === '') return undefined;
  if (use.token.length > 128) {
    throw new Ec2Fault('InvalidParameterValue', 'ClientToken must have at most 128 characters');
  }
  const row = await db
    .selectFrom('client_tokens')
    .select(['parameters', 'result'])
    .where('account_id', '=', caller.accountId)
    .where('region', '=', caller.region)
    .where('action', '=', use.action)
    .where('token', '=', use.token)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.parameters !== digest(use)) {
    throw new Ec2Fault(
      'IdempotentParameterMismatch',
      `The client token '${use.token}' was used with other parameters; use a new token for a new request`,
    );
  }
  return row.result;
}

export async function keepToken(
  tx: Transaction<Schema>,
  caller: Caller,
  use: TokenUse,
  result: string,
  now: Date,
): Promise<void> {
  if (use.token === undefined || use.token === '') return;
  await tx
    .insertInto('client_tokens')
    .values({
      account_id: caller.accountId,
      region: caller.region,
      action: use.action,
      token: use.token,
      parameters: digest(use),
      result,
      created_at: now.toISOString(),
    })
    .execute();
}

function digest(use: TokenUse): string {
  return createHash('sha256').update(JSON.stringify(use.parameters)).digest('hex');
}
