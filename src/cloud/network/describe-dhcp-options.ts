import type { DescribeDhcpOptionsRequest, DescribeDhcpOptionsResult, DhcpOptions } from '@aws-sdk/client-ec2';
import type { FilterTable } from '../../ec2/filters/filters.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { readTags } from '../tags/read-tags.ts';
import { vpcRows } from './default-vpc.ts';

const columns = {
  'dhcp-options-id': 'vpcs.dhcp_options_id',
  'owner-id': 'vpcs.owner_id',
} as const;

const filters: FilterTable<DhcpOptions> = {
  key: (options) => (options.DhcpConfigurations ?? []).map((option) => option.Key ?? ''),
  value: (options) =>
    (options.DhcpConfigurations ?? []).flatMap((option) =>
      (option.Values ?? []).map((value) => value.Value ?? ''),
    ),
};

export async function describeDhcpOptions(
  cloud: Cloud,
  input: DescribeDhcpOptionsRequest,
  caller: Caller,
): Promise<DescribeDhcpOptionsResult> {
  refusePageOfIds(input, input.DhcpOptionsIds, 'dhcpOptionsIds');
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeDhcpOptions' },
    rows: await vpcRows(cloud, caller),
    ids: { resource: 'dhcpOptions', values: input.DhcpOptionsIds },
    key: 'vpcs.dhcp_options_id',
    keyOf: (row) => row.dhcp_options_id,
    columns,
    filters,
    tagsOf: (options) => options.Tags ?? [],
    show: async (rows) => {
      const tags = await readTags(
        cloud.db.read,
        rows.map((row) => row.dhcp_options_id),
      );
      return rows.map((row) => ({
        DhcpOptionsId: row.dhcp_options_id,
        OwnerId: row.owner_id,
        // A guest asks its gateway, which asks this host's resolver.
        DhcpConfigurations: [{ Key: 'domain-name-servers', Values: [{ Value: 'AmazonProvidedDNS' }] }],
        Tags: [...(tags.get(row.dhcp_options_id) ?? [])],
      }));
    },
  });
  return { DhcpOptions: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}
