import type {
  CreateLaunchTemplateVersionRequest,
  CreateLaunchTemplateVersionResult,
  RequestLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import type { Kysely } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { keepToken, tokenResult } from '../client-token.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { checkedDescription } from './create-launch-template.ts';
import { findLaunchTemplate, type LaunchTemplateRow, readVersion } from './find-launch-template.ts';
import { insertVersion } from './insert-version.ts';
import { checkTemplateData, readTemplateData } from './template-data.ts';
import { toLaunchTemplateVersion } from './to-launch-template.ts';

/** With SourceVersion, what the request leaves out is the source's. The default version stays what it is. */
export async function createLaunchTemplateVersion(
  cloud: Cloud,
  input: CreateLaunchTemplateVersionRequest,
  caller: Caller,
): Promise<CreateLaunchTemplateVersionResult> {
  const { ClientToken: token, DryRun: _, ...parameters } = input;
  const use = { action: 'CreateLaunchTemplateVersion', token, parameters };
  const earlier = await tokenResult(cloud.db.read, caller, use);
  if (earlier !== undefined) return await made(cloud, caller, input, earlier);

  if (input.LaunchTemplateData === undefined) throw missingParameter('LaunchTemplateData');
  const description = checkedDescription(input.VersionDescription);
  const template = await findLaunchTemplate(cloud.db.read, caller, input);
  await dataOf(cloud.db.read, template, input);
  endDryRun(input);

  const number = await cloud.db.write(async (tx) => {
    const earlierNow = await tokenResult(tx, caller, use);
    if (earlierNow !== undefined) return earlierNow;
    const current = await findLaunchTemplate(tx, caller, input);
    const version = {
      launchTemplateId: current.launch_template_id,
      number: current.last_number + 1,
      description,
      data: await dataOf(tx, current, input),
      now: cloud.now(),
    };
    await insertVersion(tx, caller, version);
    await tx
      .updateTable('launch_templates')
      .set({ latest_version: version.number, last_number: version.number })
      .where('launch_template_id', '=', current.launch_template_id)
      .execute();
    await keepToken(tx, caller, use, String(version.number), version.now);
    return String(version.number);
  });
  return await made(cloud, caller, input, number);
}

async function dataOf(
  db: Kysely<Schema>,
  template: LaunchTemplateRow,
  input: CreateLaunchTemplateVersionRequest,
): Promise<RequestLaunchTemplateData> {
  if (input.SourceVersion === undefined) return checkTemplateData(input.LaunchTemplateData);
  const source = await readVersion(db, template, input.SourceVersion);
  return checkTemplateData({ ...readTemplateData(source.data), ...input.LaunchTemplateData });
}

async function made(
  cloud: Cloud,
  caller: Caller,
  input: CreateLaunchTemplateVersionRequest,
  number: string,
): Promise<CreateLaunchTemplateVersionResult> {
  const template = await findLaunchTemplate(cloud.db.read, caller, input);
  const version = await readVersion(cloud.db.read, template, number);
  return { LaunchTemplateVersion: toLaunchTemplateVersion(template, version) };
}
