import type {
  DescribeLaunchTemplateVersionsRequest,
  DescribeLaunchTemplateVersionsResult,
  LaunchTemplateVersion,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { compileFilters, type FilterTable } from '../../ec2/filters/filters.ts';
import { openPage, pageOf } from '../../ec2/pagination.ts';
import { invalidCombination, missingParameter } from '../../ec2/request-faults.ts';
import { launchTemplateVersionNotFound } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import {
  findLaunchTemplate,
  type LaunchTemplateRow,
  type LaunchTemplateVersionRow,
  versionNumber,
} from './find-launch-template.ts';
import { toLaunchTemplateVersion } from './to-launch-template.ts';

const filters: FilterTable<LaunchTemplateVersion> = {
  'create-time': (version) => version.CreateTime,
  'ebs-optimized': (version) => version.LaunchTemplateData?.EbsOptimized,
  'iam-instance-profile': (version) => version.LaunchTemplateData?.IamInstanceProfile?.Arn,
  'image-id': (version) => version.LaunchTemplateData?.ImageId,
  'instance-type': (version) => version.LaunchTemplateData?.InstanceType,
  'is-default-version': (version) => version.DefaultVersion,
  'kernel-id': (version) => version.LaunchTemplateData?.KernelId,
  'ram-disk-id': (version) => version.LaunchTemplateData?.RamDiskId,
};

/** The versions of one template, newest first; without a template, the latest or default ones of all. */
export async function describeLaunchTemplateVersions(
  cloud: Cloud,
  input: DescribeLaunchTemplateVersionsRequest,
  caller: Caller,
): Promise<DescribeLaunchTemplateVersionsResult> {
  const rules = {
    action: 'DescribeLaunchTemplateVersions',
    secret: cloud.tokenSecret,
    min: 1,
    max: 200,
  } as const;
  const page = openPage(input, rules, caller);
  const matches = compileFilters(input.Filters, filters);
  const one = input.LaunchTemplateId !== undefined || input.LaunchTemplateName !== undefined;
  const shown = one ? await versionsOfOne(cloud, input, caller) : await versionsOfAll(cloud, input, caller);
  endDryRun(input);
  const { items, NextToken } = pageOf(shown.filter(matches), page, orderKey);
  return { LaunchTemplateVersions: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}

/** Pages are in order of this text, and a higher number comes first. */
function orderKey(version: LaunchTemplateVersion): string {
  const fromEnd = 1_000_000_000 - (version.VersionNumber ?? 0);
  return `${version.LaunchTemplateId} ${String(fromEnd).padStart(10, '0')}`;
}

async function versionsOfOne(
  cloud: Cloud,
  input: DescribeLaunchTemplateVersionsRequest,
  caller: Caller,
): Promise<LaunchTemplateVersion[]> {
  const template = await findLaunchTemplate(cloud.db.read, caller, input);
  const rows = await cloud.db.read
    .selectFrom('launch_template_versions')
    .selectAll()
    .where('launch_template_id', '=', template.launch_template_id)
    .execute();
  return chosen(template, rows, input).map((row) => toLaunchTemplateVersion(template, row));
}

function chosen(
  template: LaunchTemplateRow,
  rows: readonly LaunchTemplateVersionRow[],
  { Versions: texts = [], MinVersion: min, MaxVersion: max }: DescribeLaunchTemplateVersionsRequest,
): readonly LaunchTemplateVersionRow[] {
  if (texts.length > 0 && (min !== undefined || max !== undefined)) {
    throw invalidCombination('Versions cannot be given together with MinVersion or MaxVersion');
  }
  if (texts.length === 0) {
    const from = min === undefined ? 1 : versionNumber(min, template);
    const to = max === undefined ? Number.POSITIVE_INFINITY : versionNumber(max, template);
    return rows.filter((row) => row.version >= from && row.version <= to);
  }
  const wanted = new Map(texts.map((text) => [versionNumber(text, template), text]));
  for (const [number, text] of wanted) {
    if (rows.every((row) => row.version !== number)) {
      throw launchTemplateVersionNotFound(template.launch_template_id, text);
    }
  }
  return rows.filter((row) => wanted.has(row.version));
}

async function versionsOfAll(
  cloud: Cloud,
  { Versions: texts = [] }: DescribeLaunchTemplateVersionsRequest,
  caller: Caller,
): Promise<LaunchTemplateVersion[]> {
  if (texts.length === 0 || texts.some((text) => text !== '$Latest' && text !== '$Default')) {
    throw missingParameter(
      'LaunchTemplateId or LaunchTemplateName, unless all versions asked for are $Latest or $Default',
    );
  }
  const templates = await cloud.db.read
    .selectFrom('launch_templates')
    .selectAll()
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId)
    .execute();
  if (templates.length === 0) return [];
  const rows = await cloud.db.read
    .selectFrom('launch_template_versions as versions')
    .innerJoin('launch_templates as templates', 'templates.launch_template_id', 'versions.launch_template_id')
    .selectAll('versions')
    .where('templates.region', '=', caller.region)
    .where('templates.owner_id', '=', caller.accountId)
    .execute();
  return templates.flatMap((template) => {
    const numbers = new Set(texts.map((text) => versionNumber(text, template)));
    return rows
      .filter((row) => row.launch_template_id === template.launch_template_id && numbers.has(row.version))
      .map((row) => toLaunchTemplateVersion(template, row));
  });
}
