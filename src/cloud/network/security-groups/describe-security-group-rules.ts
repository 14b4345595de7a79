import type {
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import { refusePageOfIds } from '../../../ec2/pagination.ts';
import type { Caller } from '../../../ec2/types.ts';
import type { Cloud } from '../../cloud.ts';
import { listResources } from '../../describe/list-resources.ts';
import { readTags } from '../../tags/read-tags.ts';
import { defaultVpc } from '../default-vpc.ts';
import { toSecurityGroupRule } from './to-security-group.ts';

const columns = {
  'group-id': 'security_group_rules.group_id',
  'security-group-rule-id': 'security_group_rules.rule_id',
} as const;

export async function describeSecurityGroupRules(
  cloud: Cloud,
  input: DescribeSecurityGroupRulesRequest,
  caller: Caller,
): Promise<DescribeSecurityGroupRulesResult> {
  refusePageOfIds(input, input.SecurityGroupRuleIds, 'securityGroupRuleIds');
  await defaultVpc(cloud, caller);
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeSecurityGroupRules' },
    rows: cloud.db.read
      .selectFrom('security_group_rules')
      .selectAll()
      .where('region', '=', caller.region)
      .where('owner_id', '=', caller.accountId),
    ids: { resource: 'securityGroupRule', values: input.SecurityGroupRuleIds },
    key: 'security_group_rules.rule_id',
    keyOf: (row) => row.rule_id,
    columns,
    filters: {},
    tagsOf: (rule: SecurityGroupRule) => rule.Tags ?? [],
    show: async (rows) => {
      const tags = await readTags(
        cloud.db.read,
        rows.map((row) => row.rule_id),
      );
      return rows.map((row) => toSecurityGroupRule(row, tags.get(row.rule_id) ?? []));
    },
  });
  return { SecurityGroupRules: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}
