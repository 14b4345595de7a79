import type { CreateTagsRequest } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { missingParameter, tagLimitExceeded } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { type CheckedTag, checkedTags, maxTags } from './tag-specifications.ts';
import { checkOwned, readTaggables, type Taggable } from './taggable.ts';

/** All resources get all tags, or none does. A key that a resource has gets the new value. */
export async function createTags(
  cloud: Cloud,
  input: CreateTagsRequest,
  caller: Caller,
): Promise<Record<never, never>> {
  const resources = readTaggables(input.Resources ?? []);
  if (resources.length === 0) throw missingParameter('resourceIdSet');
  const tags = checkedTags(input.Tags ?? []);
  if (tags.length === 0) throw missingParameter('tagSet');
  await checkOwned(cloud, cloud.db.read, caller, resources);
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    await checkOwned(cloud, tx, caller, resources);
    for (const resource of resources) await tag(tx, caller, resource, tags);
  });
  return {};
}

async function tag(
  tx: Transaction<Schema>,
  caller: Caller,
  { id, type }: Taggable,
  tags: readonly CheckedTag[],
): Promise<void> {
  const known = await tx.selectFrom('tags').select('key').where('resource_id', '=', id).execute();
  const keys = new Set([...known.map((row) => row.key), ...tags.map(({ Key }) => Key)]);
  if (keys.size > maxTags) throw tagLimitExceeded();
  await tx
    .insertInto('tags')
    .values(
      tags.map(({ Key, Value }) => ({
        resource_id: id,
        resource_type: type,
        region: caller.region,
        owner_id: caller.accountId,
        key: Key,
        value: Value,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['resource_id', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })),
    )
    .execute();
}
