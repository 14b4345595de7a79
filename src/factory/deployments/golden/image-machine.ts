/** An image of the deployed machine as it runs, for the time of one attempt: the machine is neither stopped nor touched. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { deleteSnapshot } from '../../aws/delete-snapshot.ts';
import { tagged } from '../../aws/tags.ts';
import { isCode } from '../../aws/until.ts';
import type { BuildStart } from '../../builds/build.ts';
import { temporaryTags } from '../../builds/steps/build-tags.ts';
import { builtImage, imageAvailable } from '../../builds/steps/create-image.ts';
import type { DeploymentParts } from '../parts.ts';
import type { GoldenContext } from './golden-input.ts';
import { sayCreation } from './say-creation.ts';

export async function imageMachine(parts: DeploymentParts, context: GoldenContext): Promise<BuildStart> {
  const { input, runId } = context;
  const target = await parts.targets.get(input.target);
  const ec2 = await target.client(input.region);
  sayCreation(parts, input.deploymentId, `Copying ${input.instanceId} as it runs, to be cleaned...`);
  const imageId = (await findCopy(ec2, runId))?.imageId ?? (await create(ec2, context));
  await imageAvailable(ec2, imageId, context);
  return { imageId, cachedSteps: 0, why: '' };
}

async function create(ec2: EC2, context: GoldenContext): Promise<string> {
  const { runId, input } = context;
  try {
    const { ImageId } = await ec2.createImage({
      InstanceId: input.instanceId,
      Name: copyName(runId),
      Description: `For the time of ${runId}`,
      NoReboot: true,
      TagSpecifications: tagged(['image', 'snapshot'], temporaryTags(context)),
    });
    if (ImageId !== undefined) return ImageId;
    throw new Error('The target made no image and gave no reason');
  } catch (error) {
    // The call was repeated because its answer was lost.
    const made = isCode(error, 'InvalidAMIName.Duplicate') ? await findCopy(ec2, runId) : undefined;
    if (made === undefined) throw error;
    return made.imageId;
  }
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
