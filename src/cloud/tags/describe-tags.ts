import type { DescribeTagsRequest, DescribeTagsResult, Filter, TagDescription } from '@aws-sdk/client-ec2';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';

const columns = {
  key: 'tags.key',
  'resource-id': 'tags.resource_id',
  'resource-type': 'tags.resource_type',
  value: 'tags.value',
} as const;

/** The tags of the caller's own resources, in order of resource and key. */
export async function describeTags(
  cloud: Cloud,
  input: DescribeTagsRequest,
  caller: Caller,
): Promise<DescribeTagsResult> {
  const filters = (input.Filters ?? []).flatMap(keyAndValue);
  const { items, NextToken } = await listResources(
    cloud,
    caller,
    { ...input, ...(filters.length === 0 ? {} : { Filters: filters }) },
    {
      page: { action: 'DescribeTags' },
      rows: cloud.db.read
        .selectFrom('tags')
        .selectAll()
        .where('region', '=', caller.region)
        .where('owner_id', '=', caller.accountId),
      key: 'tags.tag_id',
      keyOf: (row) => row.tag_id,
      columns,
      filters: {},
      show: async (rows) =>
        rows.map(
          (row): TagDescription => ({
            Key: row.key,
            Value: row.value,
            ResourceId: row.resource_id,
            ResourceType: row.resource_type as TagDescription['ResourceType'],
          }),
        ),
    },
  );
  return { Tags: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}

/** `tag:Owner` asks for the key Owner, literally, with one of the values. */
function keyAndValue(filter: Filter): Filter[] {
  if (filter.Name?.startsWith('tag:') !== true) return [filter];
  const key = filter.Name.slice('tag:'.length).replace(/[*?\\]/g, '\\$&');
  return [
    { Name: 'key', Values: [key] },
    { Name: 'value', Values: filter.Values },
  ];
}
