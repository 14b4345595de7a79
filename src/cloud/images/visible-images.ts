/** Which images a caller sees: its own, public ones, and those shared with it; narrowed by owner and executor. */
import { type ExpressionBuilder, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { Caller } from '../../ec2/types.ts';
import type { AccountId } from '../../platform/ids.ts';
import { accountOf } from '../accounts/account-of.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import type { ImageRow } from './record.ts';

export type Images = SelectQueryBuilder<Schema, 'images', ImageRow>;

export function isVisibleTo(accountId: AccountId) {
  return (eb: ExpressionBuilder<Schema, 'images'>) =>
    eb.or([
      eb('images.owner_id', '=', accountId),
      eb('images.is_public', '=', 1),
      eb(
        'images.image_id',
        'in',
        eb.selectFrom('image_launch_permissions').select('image_id').where('account_id', '=', accountId),
      ),
    ]);
}

export function visibleImages(cloud: Cloud, caller: Caller): Images {
  return cloud.db.read
    .selectFrom('images')
    .selectAll('images')
    .where('images.region', '=', caller.region)
    .where('images.binned_at', 'is', null)
    .where(isVisibleTo(caller.accountId));
}

export function ownedBy(cloud: Cloud, caller: Caller, images: Images, owners: readonly string[]): Images {
  if (owners.length === 0) return images;
  const ids = owners.map((owner) => accountOf(cloud, caller, owner));
  return images.where('images.owner_id', 'in', ids);
}

/** ExecutableUsers: explicit launch permissions only; owning an image is none. */
export function executableBy(cloud: Cloud, caller: Caller, images: Images, users: readonly string[]): Images {
  if (users.length === 0) return images;
  const tests = users.map((user) => executable(cloud, caller, user));
  return images.where(sql<SqlBool>`(${sql.join(tests, sql` or `)})`);
}

function executable(cloud: Cloud, caller: Caller, user: string): RawBuilder<SqlBool> {
  if (user === 'all') return sql<SqlBool>`images.is_public = 1`;
  return sql<SqlBool>`images.image_id in (select image_id from image_launch_permissions
    where account_id = ${accountOf(cloud, caller, user)})`;
}
