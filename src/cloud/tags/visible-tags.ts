/** Tags belong to the account that set them: of others' resources only those of base images are shown. */
import type { Caller } from '../../ec2/types.ts';
import type { AccountId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { readTags, type TagsOf } from './read-tags.ts';

export function tagOwners(cloud: Cloud, caller: Caller): readonly AccountId[] {
  return [caller.accountId, cloud.config.baseAccountId];
}

export async function readVisibleTags(
  cloud: Cloud,
  caller: Caller,
  resources: readonly { readonly id: string; readonly ownerId: AccountId }[],
): Promise<TagsOf> {
  const owners = tagOwners(cloud, caller);
  const ids = resources.filter(({ ownerId }) => owners.includes(ownerId)).map(({ id }) => id);
  return await readTags(cloud.db.read, ids);
}
