import type {
  DeleteLaunchTemplateVersionsRequest,
  DeleteLaunchTemplateVersionsResponseSuccessItem,
  DeleteLaunchTemplateVersionsResult,
  LaunchTemplateErrorCode,
} from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidParameterValue, missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { findLaunchTemplate, type LaunchTemplateRow } from './find-launch-template.ts';

const maxVersions = 200;

/** Each version for itself: one that cannot go is told beside those that went. */
export async function deleteLaunchTemplateVersions(
  cloud: Cloud,
  input: DeleteLaunchTemplateVersionsRequest,
  caller: Caller,
): Promise<DeleteLaunchTemplateVersionsResult> {
  const texts = input.Versions ?? [];
  if (texts.length === 0) throw missingParameter('LaunchTemplateVersion');
  if (texts.length > maxVersions) {
    throw invalidParameterValue(`At most ${maxVersions} versions can be deleted in one call`);
  }
  const versions = [...new Set(texts.map(readNumber))];
  await findLaunchTemplate(cloud.db.read, caller, input);
  endDryRun(input);

  return await cloud.db.write(async (tx) => {
    const template = await findLaunchTemplate(tx, caller, input);
    const known = new Set(await numbersOf(tx, template));
    const refusals = versions.flatMap((version) => {
      const error = refusal(version, template, known);
      return error === undefined ? [] : [{ ...item(template, version), ResponseError: error }];
    });
    const refused = new Set(refusals.map((one) => one.VersionNumber));
    const deleted = versions.filter((version) => !refused.has(version));
    await remove(tx, template, deleted);
    return {
      SuccessfullyDeletedLaunchTemplateVersions: deleted.map((version) => item(template, version)),
      UnsuccessfullyDeletedLaunchTemplateVersions: refusals,
    };
  });
}

function readNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw invalidParameterValue(`Invalid launch template version '${text}': versions to delete are numbers`);
}

function refusal(version: number, template: LaunchTemplateRow, known: ReadonlySet<number>) {
  if (!known.has(version)) {
    return {
      Code: 'launchTemplateVersionDoesNotExist' satisfies LaunchTemplateErrorCode as LaunchTemplateErrorCode,
      Message: `Could not find the specified version ${version} for the launch template.`,
    };
  }
  if (version !== template.default_version) return undefined;
  return {
    Code: 'unexpectedError' satisfies LaunchTemplateErrorCode as LaunchTemplateErrorCode,
    Message: `Version ${version} is the default version: make another one the default, or delete the launch template.`,
  };
}

async function numbersOf(tx: Transaction<Schema>, template: LaunchTemplateRow): Promise<number[]> {
  const rows = await tx
    .selectFrom('launch_template_versions')
    .select('version')
    .where('launch_template_id', '=', template.launch_template_id)
    .execute();
  return rows.map((row) => row.version);
}

/** What is latest follows; the default version is among those that stay. */
async function remove(
  tx: Transaction<Schema>,
  template: LaunchTemplateRow,
  versions: readonly number[],
): Promise<void> {
  if (versions.length === 0) return;
  await tx
    .deleteFrom('launch_template_versions')
    .where('launch_template_id', '=', template.launch_template_id)
    .where('version', 'in', versions)
    .execute();
  await tx
    .updateTable('launch_templates')
    .set({ latest_version: Math.max(...(await numbersOf(tx, template))) })
    .where('launch_template_id', '=', template.launch_template_id)
    .execute();
}

function item(template: LaunchTemplateRow, version: number): DeleteLaunchTemplateVersionsResponseSuccessItem {
  return {
    LaunchTemplateId: template.launch_template_id,
    LaunchTemplateName: template.name,
    VersionNumber: version,
  };
}
