import type {
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  IpPermission,
  SecurityGroup,
} from '@aws-sdk/client-ec2';
import type { FilterTable, FilterValue } from '../../../ec2/filters/filters.ts';
import { refusePageOfIds } from '../../../ec2/pagination.ts';
import type { Caller } from '../../../ec2/types.ts';
import type { Cloud } from '../../cloud.ts';
import { listResources } from '../../describe/list-resources.ts';
import { readTags } from '../../tags/read-tags.ts';
import { defaultVpc } from '../default-vpc.ts';
import { nameNotFound } from './find-group.ts';
import type { GroupRow } from './record.ts';
import { toSecurityGroup } from './to-security-group.ts';

const columns = {
  description: 'security_groups.description',
  'group-id': 'security_groups.group_id',
  'group-name': 'security_groups.group_name',
  'owner-id': 'security_groups.owner_id',
  'vpc-id': 'security_groups.vpc_id',
} as const;

interface Shown {
  readonly group: SecurityGroup;
  readonly nameOf: ReadonlyMap<string, string>;
}

const filters: FilterTable<Shown> = {
  ...permissionFilters('ip-permission', (group) => group.IpPermissions ?? []),
  ...permissionFilters('egress.ip-permission', (group) => group.IpPermissionsEgress ?? []),
};

export async function describeSecurityGroups(
  cloud: Cloud,
  input: DescribeSecurityGroupsRequest,
  caller: Caller,
): Promise<DescribeSecurityGroupsResult> {
  refusePageOfIds(input, input.GroupIds, 'groupIds');
  const { vpc } = await defaultVpc(cloud, caller);
  const mine = cloud.db.read.selectFrom('security_groups').selectAll().where('vpc_id', '=', vpc.vpc_id);
  const groups = await mine.execute();
  const names = input.GroupNames ?? [];
  const missing = names.find((name) => groups.every((group) => group.group_name !== name));
  if (missing !== undefined) throw nameNotFound(missing, vpc.vpc_id);
  const nameOf = new Map(groups.map((group) => [group.group_id, group.group_name]));
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeSecurityGroups' },
    rows: names.length === 0 ? mine : mine.where('group_name', 'in', names),
    ids: { resource: 'securityGroup', values: input.GroupIds },
    key: 'security_groups.group_id',
    keyOf: (row) => row.group_id,
    columns,
    filters,
    tagsOf: ({ group }) => group.Tags ?? [],
    show: async (rows) => (await toSecurityGroups(cloud, rows)).map((group) => ({ group, nameOf })),
  });
  return {
    SecurityGroups: items.map(({ group }) => group),
    ...(NextToken === undefined ? {} : { NextToken }),
  };
}

async function toSecurityGroups(cloud: Cloud, rows: readonly GroupRow[]): Promise<SecurityGroup[]> {
  const ids = rows.map((row) => row.group_id);
  if (ids.length === 0) return [];
  const tags = await readTags(cloud.db.read, ids);
  const rules = await cloud.db.read
    .selectFrom('security_group_rules')
    .selectAll()
    .where('group_id', 'in', ids)
    .orderBy('from_port')
    .orderBy('rule_id')
    .execute();
  const rulesOf = Map.groupBy(rules, (rule) => rule.group_id);
  return rows.map((row) =>
    toSecurityGroup(row, rulesOf.get(row.group_id) ?? [], tags.get(row.group_id) ?? []),
  );
}

/** 'ip-permission.from-port', … and the same for egress. */
function permissionFilters(
  prefix: string,
  permissionsOf: (group: SecurityGroup) => readonly IpPermission[],
): FilterTable<Shown> {
  const values =
    (read: (permission: IpPermission) => readonly (string | number | undefined)[]) =>
    ({ group }: Shown): FilterValue =>
      permissionsOf(group).flatMap((permission) =>
        read(permission).flatMap((value) => (value === undefined ? [] : [String(value)])),
      );
  return {
    [`${prefix}.cidr`]: values((one) => (one.IpRanges ?? []).map((range) => range.CidrIp)),
    [`${prefix}.from-port`]: values((one) => [one.FromPort]),
    [`${prefix}.group-id`]: values((one) => (one.UserIdGroupPairs ?? []).map((pair) => pair.GroupId)),
    [`${prefix}.group-name`]: (shown) =>
      permissionsOf(shown.group)
        .flatMap((one) => one.UserIdGroupPairs ?? [])
        .map((pair) => shown.nameOf.get(pair.GroupId ?? '') ?? ''),
    [`${prefix}.ipv6-cidr`]: values((one) => (one.Ipv6Ranges ?? []).map((range) => range.CidrIpv6)),
    [`${prefix}.prefix-list-id`]: values((one) => (one.PrefixListIds ?? []).map((list) => list.PrefixListId)),
    [`${prefix}.protocol`]: values((one) => [one.IpProtocol]),
    [`${prefix}.to-port`]: values((one) => [one.ToPort]),
    [`${prefix}.user-id`]: values((one) => (one.UserIdGroupPairs ?? []).map((pair) => pair.UserId)),
  };
}
