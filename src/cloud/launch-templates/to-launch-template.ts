import type { LaunchTemplate, LaunchTemplateVersion, Tag } from '@aws-sdk/client-ec2';
import type { LaunchTemplateRow, LaunchTemplateVersionRow } from './find-launch-template.ts';
import { toResponseData } from './template-data.ts';

export function toLaunchTemplate(row: LaunchTemplateRow, tags: readonly Tag[]): LaunchTemplate {
  return {
    LaunchTemplateId: row.launch_template_id,
    LaunchTemplateName: row.name,
    CreateTime: new Date(row.created_at),
    CreatedBy: row.created_by,
    DefaultVersionNumber: row.default_version,
    LatestVersionNumber: row.latest_version,
    Tags: [...tags],
  };
}

export function toLaunchTemplateVersion(
  template: LaunchTemplateRow,
  row: LaunchTemplateVersionRow,
): LaunchTemplateVersion {
  return {
    LaunchTemplateId: row.launch_template_id,
    LaunchTemplateName: template.name,
    VersionNumber: row.version,
    ...(row.description === null ? {} : { VersionDescription: row.description }),
    CreateTime: new Date(row.created_at),
    CreatedBy: row.created_by,
    DefaultVersion: row.version === template.default_version,
    LaunchTemplateData: toResponseData(row.data),
  };
}
