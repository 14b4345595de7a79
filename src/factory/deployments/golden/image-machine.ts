/** An image of the deployed machine as it runs, for the time of one attempt: the machine is neither stopped nor touched. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { deleteSnapshot } from '../../aws/delete-snapshot.ts';
import type { BuildStart } from '../../builds/build.ts';
import { askForImage } from '../../builds/steps/ask-for-image.ts';
import { temporaryTags } from '../../builds/steps/build-tags.ts';
import { builtImage, imageAvailable } from '../../builds/steps/create-image.ts';
import { tagImage } from '../../builds/steps/tag-image.ts';
import type { DeploymentParts } from '../parts.ts';
import type { GoldenContext } from './golden-input.ts';
import { sayCreation } from './say-creation.ts';

export async function imageMachine(parts: DeploymentParts, context: GoldenContext): Promise<BuildStart> {
  const { input, runId } = context;
  const target = await parts.targets.get(input.target);
  const ec2 = await target.client(input.region);
  sayCreation(parts, input.deploymentId, `Copying ${input.instanceId} as it runs, to be cleaned...`);
  const request = {
    InstanceId: input.instanceId,
    Name: copyName(runId),
    Description: `For the time of ${runId}`,
    NoReboot: true,
  };
  const tags = temporaryTags(context);
  const made = async () => (await findCopy(ec2, runId))?.imageId;
  const imageId = await askForImage(ec2, { target, request, tags, made });
  await tagImage(ec2, await imageAvailable(ec2, imageId, context), tags);
  return { imageId, cachedSteps: 0, why: '' };
}

export async function deleteMachineCopy(parts: DeploymentParts, context: GoldenContext): Promise<void> {
  const target = await parts.targets.get(context.input.target);
  const ec2 = await target.client(context.input.region);
  const copy = await findCopy(ec2, context.runId);
  if (copy === undefined) return;
  await ec2.deregisterImage({ ImageId: copy.imageId });
  for (const snapshotId of copy.snapshotIds) await deleteSnapshot(ec2, snapshotId);
}

async function findCopy(ec2: EC2, runId: string) {
  const filters = [{ Name: 'name', Values: [copyName(runId)] }];
  const { Images: [image] = [] } = await ec2.describeImages({ Owners: ['self'], Filters: filters });
  return image === undefined ? undefined : builtImage(image);
}

function copyName(runId: string): string {
  return `ingot-copy-${runId}`;
}
