import type { CreateLaunchTemplateRequest, CreateLaunchTemplateResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import { invalidParameterValue, missingParameter } from '../../ec2/request-faults.ts';
import { launchTemplateNameTaken } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { newId } from '../../platform/ids.ts';
import { keepToken, tokenResult } from '../client-token.ts';
import type { Cloud } from '../cloud.ts';
import { readTags } from '../tags/read-tags.ts';
import { insertTags, requestedTags } from '../tags/tag-specifications.ts';
import { findLaunchTemplate } from './find-launch-template.ts';
import { creator, insertVersion } from './insert-version.ts';
import { checkTemplateData } from './template-data.ts';
import { toLaunchTemplate } from './to-launch-template.ts';

const type = 'launch-template';

export async function createLaunchTemplate(
  cloud: Cloud,
  input: CreateLaunchTemplateRequest,
  caller: Caller,
): Promise<CreateLaunchTemplateResult> {
  const { ClientToken: token, DryRun: _, ...parameters } = input;
  const use = { action: 'CreateLaunchTemplate', token, parameters };
  const earlier = await tokenResult(cloud.db.read, caller, use);
  if (earlier !== undefined) return await made(cloud, caller, earlier);

  const name = checkedName(input.LaunchTemplateName);
  const data = checkTemplateData(input.LaunchTemplateData);
  const description = checkedDescription(input.VersionDescription);
  const tags = requestedTags(input.TagSpecifications, [type]).get(type) ?? [];
  await checkFree(cloud.db.read, caller, name);
  endDryRun(input);

  const now = cloud.now();
  const launchTemplateId = await cloud.db.write(async (tx) => {
    const earlierNow = await tokenResult(tx, caller, use);
    if (earlierNow !== undefined) return earlierNow;
    await checkFree(tx, caller, name);
    const id = newId('lt');
    await tx
      .insertInto('launch_templates')
      .values({
        launch_template_id: id,
        region: caller.region,
        owner_id: caller.accountId,
        name,
        created_at: now.toISOString(),
        created_by: creator(caller),
        default_version: 1,
        latest_version: 1,
        last_number: 1,
      })
      .execute();
    await insertVersion(tx, caller, { launchTemplateId: id, number: 1, description, data, now });
    await insertTags(tx, { id, type, region: caller.region, ownerId: caller.accountId }, tags);
    await keepToken(tx, caller, use, id, now);
    return id;
  });
  return await made(cloud, caller, launchTemplateId);
}

async function made(cloud: Cloud, caller: Caller, id: string): Promise<CreateLaunchTemplateResult> {
  const row = await findLaunchTemplate(cloud.db.read, caller, { LaunchTemplateId: id });
  const tags = await readTags(cloud.db.read, [id]);
  return { LaunchTemplate: toLaunchTemplate(row, tags.get(id) ?? []) };
}

async function checkFree(
  db: Pick<Cloud['db']['read'], 'selectFrom'>,
  caller: Caller,
  name: string,
): Promise<void> {
  const taken = await db
    .selectFrom('launch_templates')
    .select('launch_template_id')
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId)
    .where('name', '=', name)
    .executeTakeFirst();
  if (taken !== undefined) throw launchTemplateNameTaken();
}

function checkedName(name: string | undefined): string {
  if (name === undefined) throw missingParameter('LaunchTemplateName');
  if (/^[\w().\-/]{3,128}$/.test(name)) return name;
  throw new Ec2Fault(
    'InvalidLaunchTemplateName.MalformedException',
    'A launch template name must be between 3 and 128 characters, and may contain letters, numbers, ' +
      'and the following characters: - ( ) . / _.',
  );
}

export function checkedDescription(text: string | undefined): string | undefined {
  if (text === undefined || text.length <= 255) return text;
  throw invalidParameterValue('VersionDescription must have at most 255 characters');
}
