/** Answers kept for the key that their request came with, for a day. */
import type { Access } from '../access/access.ts';

export interface KeyedRequest {
  readonly caller: string;
  readonly key: string;
  /** A digest of all that was asked. */
  readonly request: string;
}

export interface KeptAnswer {
  readonly status: number;
  readonly body: string;
}

export type Claim =
  /** This request is the first: it answers with `keepAnswer` or `freeKey`. */
  | { readonly state: 'first' }
  | { readonly state: 'running' | 'withheld' | 'lost' | 'other-request' }
  | { readonly state: 'answered'; readonly answer: KeptAnswer };

type Kept = Pick<Access, 'records' | 'now'>;

const keptMs = 24 * 3600_000;

/** Of several at the same time, one is the first. */
export async function claimKey({ records, now }: Kept, claim: KeyedRequest): Promise<Claim> {
  return await records.write(async (db) => {
    const before = new Date(now().getTime() - keptMs).toISOString();
    // A request may run for longer than its key is kept.
    await db.deleteFrom('answers').where('at', '<', before).where('state', '!=', 'running').execute();
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('answers')
      .values({ ...claim, state: 'running', at: now().toISOString(), status: null, body: null })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 1n) return { state: 'first' };
    const known = await db
      .selectFrom('answers')
      .selectAll()
      .where('caller', '=', claim.caller)
      .where('key', '=', claim.key)
      .executeTakeFirstOrThrow();
    if (known.request !== claim.request) return { state: 'other-request' };
    if (known.state !== 'answered') return { state: known.state };
    return { state: 'answered', answer: { status: known.status ?? 200, body: known.body ?? '' } };
  });
}

/** Without an answer, only that it was done. */
export async function keepAnswer(
  { records, now }: Kept,
  claim: KeyedRequest,
  answer: KeptAnswer | undefined,
): Promise<void> {
  const state = answer === undefined ? 'withheld' : 'answered';
  await records.write((db) =>
    db
      .updateTable('answers')
      .set({ state, at: now().toISOString(), ...answer })
      .where('caller', '=', claim.caller)
      .where('key', '=', claim.key)
      .execute(),
  );
}

/** Nothing was done: the key can be tried again. */
export async function freeKey({ records }: Pick<Access, 'records'>, claim: KeyedRequest): Promise<void> {
  await records.write((db) =>
    db.deleteFrom('answers').where('caller', '=', claim.caller).where('key', '=', claim.key).execute(),
  );
}

/** At the start: what the last process had not answered. */
export async function markLost({ records }: Pick<Access, 'records'>): Promise<void> {
  await records.write((db) =>
    db.updateTable('answers').set({ state: 'lost' }).where('state', '=', 'running').execute(),
  );
}
