import type {
  DescribeLaunchTemplatesRequest,
  DescribeLaunchTemplatesResult,
  LaunchTemplate,
} from '@aws-sdk/client-ec2';
import { launchTemplateNameNotFound } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { readTags } from '../tags/read-tags.ts';
import { toLaunchTemplate } from './to-launch-template.ts';

const columns = { 'launch-template-name': 'launch_templates.name' } as const;

export async function describeLaunchTemplates(
  cloud: Cloud,
  input: DescribeLaunchTemplatesRequest,
  caller: Caller,
): Promise<DescribeLaunchTemplatesResult> {
  const mine = cloud.db.read
    .selectFrom('launch_templates')
    .selectAll()
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId);
  const names = input.LaunchTemplateNames ?? [];
  const rows = names.length === 0 ? mine : mine.where('name', 'in', names);
  if (names.length > 0) {
    const known = new Set((await rows.execute()).map((row) => row.name));
    const missing = names.find((name) => !known.has(name));
    if (missing !== undefined) throw launchTemplateNameNotFound(missing);
  }
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeLaunchTemplates', min: 1, max: 200 },
    rows,
    ids: { resource: 'launchTemplate', values: input.LaunchTemplateIds },
    key: 'launch_templates.launch_template_id',
    keyOf: (row) => row.launch_template_id,
    columns,
    filters: { 'create-time': (template: LaunchTemplate) => template.CreateTime },
    tagsOf: (template) => template.Tags ?? [],
    show: async (templates) => {
      const tags = await readTags(
        cloud.db.read,
        templates.map((row) => row.launch_template_id),
      );
      return templates.map((row) => toLaunchTemplate(row, tags.get(row.launch_template_id) ?? []));
    },
  });
  return { LaunchTemplates: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}
