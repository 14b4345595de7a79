/** Which snapshots a caller sees: its own, public ones, and those that were shared with it. */
import { type ExpressionBuilder, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { Caller } from '../../ec2/types.ts';
import type { AccountId } from '../../platform/ids.ts';
import { accountOf } from '../accounts/account-of.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import type { SnapshotRow } from './record.ts';

type Snapshots = SelectQueryBuilder<Schema, 'snapshots', SnapshotRow>;

export function isVisibleTo(accountId: AccountId) {
  return (eb: ExpressionBuilder<Schema, 'snapshots'>) =>
    eb.or([
      eb('snapshots.owner_id', '=', accountId),
      eb('snapshots.is_public', '=', 1),
      eb(
        'snapshots.snapshot_id',
        'in',
        eb.selectFrom('snapshot_permissions').select('snapshot_id').where('account_id', '=', accountId),
      ),
    ]);
}

export function visibleSnapshots(
  cloud: Cloud,
  caller: Caller,
  scope: {
    readonly owners?: readonly string[] | undefined;
    /** RestorableByUserIds */
    readonly restorers?: readonly string[] | undefined;
  },
): Snapshots {
  const { owners = [], restorers = [] } = scope;
  let query: Snapshots = cloud.db.read
    .selectFrom('snapshots')
    .selectAll('snapshots')
    .where('snapshots.region', '=', caller.region)
    .where('snapshots.binned_at', 'is', null)
    .where(isVisibleTo(caller.accountId));
  if (owners.length > 0) {
    const ids = owners.map((owner) => accountOf(cloud, caller, owner));
    query = query.where('snapshots.owner_id', 'in', ids);
  }
  if (restorers.length > 0) {
    const tests = restorers.map((restorer) => restorableBy(cloud, caller, restorer));
    query = query.where(sql<SqlBool>`(${sql.join(tests, sql` or `)})`);
  }
  return query;
}

function restorableBy(cloud: Cloud, caller: Caller, restorer: string): RawBuilder<SqlBool> {
  if (restorer === 'all') return sql<SqlBool>`snapshots.is_public = 1`;
  const accountId = accountOf(cloud, caller, restorer);
  const shared = sql<SqlBool>`snapshots.snapshot_id in
    (select snapshot_id from snapshot_permissions where account_id = ${accountId})`;
  // Who owns a snapshot may always restore it; for others only what was shared with them is said.
  return accountId === caller.accountId
    ? sql<SqlBool>`(snapshots.owner_id = ${accountId} or ${shared})`
    : shared;
}
