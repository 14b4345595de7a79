import type { LaunchTemplateSpecification } from '@aws-sdk/client-ec2';
import type { Selectable } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import type { LaunchTemplateTable, LaunchTemplateVersionTable } from './table.ts';

export type LaunchTemplateVersionRow = Selectable<LaunchTemplateVersionTable>;

/** By id or by name; one of them, not both. */
export async function findLaunchTemplate(
  cloud: Cloud,
  caller: Caller,
  wanted: {
    readonly LaunchTemplateId?: string | undefined;
    readonly LaunchTemplateName?: string | undefined;
  },
): Promise<Selectable<LaunchTemplateTable>> {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = wanted;
  if ((id === undefined) === (name === undefined)) {
    throw new Ec2Fault(
      'MissingParameter',
      'Either LaunchTemplateId or LaunchTemplateName must be given, not both',
    );
  }
  const template = await cloud.db.read
    .selectFrom('launch_templates')
    .selectAll()
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId)
    .where(id === undefined ? 'name' : 'launch_template_id', '=', id ?? name ?? '')
    .executeTakeFirst();
  if (template !== undefined) return template;
  throw id === undefined
    ? new Ec2Fault(
        'InvalidLaunchTemplateName.NotFoundException',
        `The specified launch template, with template name ${name}, does not exist.`,
      )
    : new Ec2Fault(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${id}, does not exist.`,
      );
}

/** `Version` is a number, '$Latest' or '$Default' (which is also meant when it is absent). */
export async function findLaunchTemplateVersion(
  cloud: Cloud,
  caller: Caller,
  wanted: LaunchTemplateSpecification,
): Promise<LaunchTemplateVersionRow> {
  const template = await findLaunchTemplate(cloud, caller, wanted);
  const version = versionNumber(wanted.Version ?? '$Default', template);
  const row = await cloud.db.read
    .selectFrom('launch_template_versions')
    .selectAll()
    .where('launch_template_id', '=', template.launch_template_id)
    .where('version', '=', version)
    .executeTakeFirst();
  if (row !== undefined) return row;
  throw new Ec2Fault(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find launch template version ${wanted.Version} of ${template.launch_template_id}.`,
  );
}

export function versionNumber(
  text: string,
  template: Pick<Selectable<LaunchTemplateTable>, 'default_version' | 'latest_version'>,
): number {
  if (text === '$Latest') return template.latest_version;
  if (text === '$Default' || text === '') return template.default_version;
  return Number(text);
}
