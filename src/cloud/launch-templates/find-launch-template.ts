import type { LaunchTemplateSpecification } from '@aws-sdk/client-ec2';
import type { Kysely, Selectable } from 'kysely';
import { invalidParameterValue, missingParameter, notTogether } from '../../ec2/request-faults.ts';
import { checkIds, notFound } from '../../ec2/resource-faults.ts';
import { launchTemplateNameNotFound, launchTemplateVersionNotFound } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Schema } from '../schema.ts';
import type { LaunchTemplateTable, LaunchTemplateVersionTable } from './table.ts';

export type LaunchTemplateRow = Selectable<LaunchTemplateTable>;
export type LaunchTemplateVersionRow = Selectable<LaunchTemplateVersionTable>;

/** By id or by name; one of them, not both. */
export async function findLaunchTemplate(
  db: Kysely<Schema>,
  caller: Caller,
  wanted: {
    readonly LaunchTemplateId?: string | undefined;
    readonly LaunchTemplateName?: string | undefined;
  },
): Promise<LaunchTemplateRow> {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = wanted;
  if (id === undefined && name === undefined)
    throw missingParameter('LaunchTemplateId or LaunchTemplateName');
  if (id !== undefined && name !== undefined) throw notTogether('LaunchTemplateId', 'LaunchTemplateName');
  if (id !== undefined) checkIds('launchTemplate', [id]);
  const template = await db
    .selectFrom('launch_templates')
    .selectAll()
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId)
    .where(id === undefined ? 'name' : 'launch_template_id', '=', id ?? name ?? '')
    .executeTakeFirst();
  if (template !== undefined) return template;
  throw id === undefined ? launchTemplateNameNotFound(name ?? '') : notFound('launchTemplate', id);
}

/** `Version` is a number, '$Latest' or '$Default' (which is also meant when it is absent). */
export async function findLaunchTemplateVersion(
  db: Kysely<Schema>,
  caller: Caller,
  wanted: LaunchTemplateSpecification,
): Promise<{ readonly template: LaunchTemplateRow; readonly version: LaunchTemplateVersionRow }> {
  const template = await findLaunchTemplate(db, caller, wanted);
  return { template, version: await readVersion(db, template, wanted.Version) };
}

export async function readVersion(
  db: Kysely<Schema>,
  template: LaunchTemplateRow,
  text: string | undefined,
): Promise<LaunchTemplateVersionRow> {
  const row = await db
    .selectFrom('launch_template_versions')
    .selectAll()
    .where('launch_template_id', '=', template.launch_template_id)
    .where('version', '=', versionNumber(text, template))
    .executeTakeFirst();
  if (row !== undefined) return row;
  throw launchTemplateVersionNotFound(template.launch_template_id, text ?? '$Default');
}

export function versionNumber(
  text: string | undefined,
  template: Pick<LaunchTemplateRow, 'default_version' | 'latest_version'>,
): number {
  if (text === '$Latest') return template.latest_version;
  if (text === undefined || text === '' || text === '$Default') return template.default_version;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw invalidParameterValue(
    `Invalid launch template version '${text}': a version is a number, $Latest or $Default`,
  );
}
