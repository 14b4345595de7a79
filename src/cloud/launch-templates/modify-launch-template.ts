import type { ModifyLaunchTemplateRequest, ModifyLaunchTemplateResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { readTags } from '../tags/read-tags.ts';
import { findLaunchTemplate, readVersion } from './find-launch-template.ts';
import { toLaunchTemplate } from './to-launch-template.ts';

/** Chooses the default version. The SDK calls it DefaultVersion, the wire SetDefaultVersion. */
export async function modifyLaunchTemplate(
  cloud: Cloud,
  input: ModifyLaunchTemplateRequest,
  caller: Caller,
): Promise<ModifyLaunchTemplateResult> {
  if (input.DefaultVersion === undefined) throw missingParameter('SetDefaultVersion');
  const before = await findLaunchTemplate(cloud.db.read, caller, input);
  await readVersion(cloud.db.read, before, input.DefaultVersion);
  endDryRun(input);
  const row = await cloud.db.write(async (tx) => {
    const template = await findLaunchTemplate(tx, caller, input);
    const { version } = await readVersion(tx, template, input.DefaultVersion);
    await tx
      .updateTable('launch_templates')
      .set({ default_version: version })
      .where('launch_template_id', '=', template.launch_template_id)
      .execute();
    return { ...template, default_version: version };
  });
  const tags = await readTags(cloud.db.read, [row.launch_template_id]);
  return { LaunchTemplate: toLaunchTemplate(row, tags.get(row.launch_template_id) ?? []) };
}
