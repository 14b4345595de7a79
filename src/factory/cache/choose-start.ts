/** What a build starts from: the base, or the deepest layer that has its first steps, registered as an image for it. */
import type { EC2, RegisterImageRequest } from '@aws-sdk/client-ec2';
import { tagged } from '../aws/tags.ts';
import { isCode } from '../aws/until.ts';
import type { BuildContext, BuildStart } from '../builds/build.ts';
import type { BuildParts } from '../builds/parts.ts';
import { temporaryTags } from '../builds/steps/build-tags.ts';
import { imageAvailable } from '../builds/steps/create-image.ts';
import { findLayers } from './layers.ts';
import { longestPrefix } from './longest-prefix.ts';
import { stepKeys } from './step-keys.ts';

export async function chooseStart(parts: BuildParts, context: BuildContext): Promise<BuildStart> {
  const { input } = context;
  const base = context.result('base');
  const target = await parts.targets.get(input.target);
  const ec2 = await target.client(input.region);
  const keys = stepKeys(input, base);
  const layers =
    input.cache.use && keys.length > 0 ? await findLayers(ec2, { region: input.region, keys }) : [];
  const { steps, layer, why } = longestPrefix(input.template.steps, keys, input.cache, layers, parts.now());
  if (layer === undefined) {
    context.tell({ type: 'detail', text: `none: ${why || 'the template has no steps'}` });
    return { imageId: base.imageId, cachedSteps: 0, why };
  }
  const imageId = await registered(ec2, context, layer.snapshotId);
  const next = input.template.steps[steps];
  context.tell({
    type: 'detail',
    text: `${steps} of ${keys.length}${next === undefined ? '' : `; '${next.name}' runs: ${why}`}`,
  });
  return { imageId, cachedSteps: steps, snapshotId: layer.snapshotId, why };
}

/** An image that is as the base is, on the layer's disk. */
async function registered(ec2: EC2, context: BuildContext, snapshotId: string): Promise<string> {
  const name = imageName(context.runId);
  const known = await findStart(ec2, context.runId);
  if (known !== undefined) return known;
  const { imageId, rootDevice } = context.result('base');
  const { Images: [base] = [] } = await ec2.describeImages({ ImageIds: [imageId] });
  if (base === undefined) throw new Error(`The base image ${imageId} is gone`);
  const optional: Partial<RegisterImageRequest> = {
    ...(base.BootMode === undefined ? {} : { BootMode: base.BootMode }),
    ...(base.EnaSupport === undefined ? {} : { EnaSupport: base.EnaSupport }),
    ...(base.SriovNetSupport === undefined ? {} : { SriovNetSupport: base.SriovNetSupport }),
    ...(base.ImdsSupport === undefined ? {} : { ImdsSupport: base.ImdsSupport }),
  };
  const request: RegisterImageRequest = {
    Name: name,
    Description: `For the time of ${context.runId}`,
    Architecture: context.input.architecture,
    VirtualizationType: 'hvm',
    RootDeviceName: rootDevice,
    BlockDeviceMappings: [
      { DeviceName: rootDevice, Ebs: { SnapshotId: snapshotId, DeleteOnTermination: true } },
    ],
    ...optional,
    TagSpecifications: tagged(['image'], temporaryTags(context)),
  };
  const made = await ec2.registerImage(request).then(
    ({ ImageId }) => ImageId,
    async (error: unknown) => {
      // The call was repeated because its answer was lost.
      const before = isCode(error, 'InvalidAMIName.Duplicate')
        ? await findStart(ec2, context.runId)
        : undefined;
      if (before === undefined) throw error;
      return before;
    },
  );
  if (made === undefined) throw new Error(`The target made no image of the layer ${snapshotId}`);
  await imageAvailable(ec2, made, context);
  return made;
}

/** The layer stays; its image goes. */
export async function forgetStart(parts: BuildParts, context: BuildContext): Promise<void> {
  const target = await parts.targets.get(context.input.target);
  const ec2 = await target.client(context.input.region);
  const imageId = await findStart(ec2, context.runId);
  if (imageId === undefined) return;
  await ec2.deregisterImage({ ImageId: imageId }).catch((error: unknown) => {
    if (!isCode(error, 'InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable')) throw error;
  });
}

async function findStart(ec2: EC2, runId: string): Promise<string | undefined> {
  const filters = [{ Name: 'name', Values: [imageName(runId)] }];
  const { Images: [image] = [] } = await ec2.describeImages({ Owners: ['self'], Filters: filters });
  return image?.ImageId;
}

function imageName(runId: string): string {
  return `ingot-cache-${runId}`;
}
