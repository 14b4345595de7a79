import type { DeleteLaunchTemplateRequest, DeleteLaunchTemplateResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { deleteTagsOf } from '../tags/delete-tags-of.ts';
import { findLaunchTemplate } from './find-launch-template.ts';
import { toLaunchTemplate } from './to-launch-template.ts';

/** With all its versions. */
export async function deleteLaunchTemplate(
  cloud: Cloud,
  input: DeleteLaunchTemplateRequest,
  caller: Caller,
): Promise<DeleteLaunchTemplateResult> {
  await findLaunchTemplate(cloud.db.read, caller, input);
  endDryRun(input);
  const deleted = await cloud.db.write(async (tx) => {
    const template = await findLaunchTemplate(tx, caller, input);
    const { launch_template_id: id } = template;
    await tx.deleteFrom('launch_template_versions').where('launch_template_id', '=', id).execute();
    await tx.deleteFrom('launch_templates').where('launch_template_id', '=', id).execute();
    await deleteTagsOf(tx, [id]);
    return template;
  });
  return { LaunchTemplate: toLaunchTemplate(deleted, []) };
}
