import type { DeleteTagsRequest, Tag } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { missingParameter, reservedTagKey } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { checkOwned, readTaggables } from './taggable.ts';

/**
 * A tag that is not there is deleted already. With a value, the empty one too, only a tag that has it goes;
 * with no tags at all, every one that is the user's.
 */
export async function deleteTags(
  cloud: Cloud,
  input: DeleteTagsRequest,
  caller: Caller,
): Promise<Record<never, never>> {
  const resources = readTaggables(input.Resources ?? []);
  if (resources.length === 0) throw missingParameter('resourceIdSet');
  const tags = input.Tags ?? [];
  for (const tag of tags) checkKey(tag);
  await checkOwned(cloud, cloud.db.read, caller, resources);
  endDryRun(input);
  const ids = resources.map(({ id }) => id);
  await cloud.db.write(async (tx) => {
    const theirs = tx
      .deleteFrom('tags')
      .where('resource_id', 'in', ids)
      .where('owner_id', '=', caller.accountId);
    if (tags.length === 0) await theirs.where('key', 'not like', 'aws:%').execute();
    for (const { Key: key = '', Value: value } of tags) {
      const named = theirs.where('key', '=', key);
      await (value === undefined ? named : named.where('value', '=', value)).execute();
    }
  });
  return {};
}

function checkKey({ Key: key }: Tag): void {
  if (key === undefined || key === '') throw missingParameter('Tag.Key');
  if (key.startsWith('aws:')) throw reservedTagKey();
}
