/** The image of the cleaned machine, private until the build is over, and how it is taken back. */
import type { EC2, Image } from '@aws-sdk/client-ec2';
import { tagKeys, tagsOf } from '../../aws/tags.ts';
import { isCode, until } from '../../aws/until.ts';
import type { BuildContext, BuiltImage, ProofContext } from '../build.ts';
import type { BuildParts } from '../parts.ts';
import { askForImage } from './ask-for-image.ts';
import { imageTags } from './build-tags.ts';
import { tagImage } from './tag-image.ts';

/** A large image takes hours on AWS. */
const imageDeadlineMs = 12 * 3_600_000;

export async function createImage(parts: BuildParts, context: BuildContext): Promise<BuiltImage> {
  const { input, runId } = context;
  const target = await parts.targets.get(input.target);
  const ec2 = await target.client(input.region);
  const tags = imageTags(runId, input, context.result('base'));
  const request = {
    InstanceId: context.result('machine').instanceId,
    Name: input.imageName,
    Description: input.template.description.slice(0, 255),
  };
  const imageId = await askForImage(ec2, { target, request, tags, made: () => findOwnImage(ec2, context) });
  const image = await imageAvailable(ec2, imageId, context);
  await tagImage(ec2, image, tags);
  context.tell({ type: 'detail', text: `${imageId} (${input.imageName})` });
  parts.log.info({ build: runId, imageId }, 'The image of a build is there');
  return builtImage(image);
}

interface NamedRun extends Pick<BuildContext, 'runId'> {
  readonly input: Pick<BuildContext['input'], 'imageName'>;
}

/** Where this build made it before. Throws where the name is somebody else's. */
export async function findOwnImage(ec2: EC2, { input, runId }: NamedRun): Promise<string | undefined> {
  const { Images: [image] = [] } = await ec2.describeImages({
    Owners: ['self'],
    Filters: [{ Name: 'name', Values: [input.imageName] }],
  });
  if (image === undefined || tagsOf(image)[tagKeys.build] === runId) return image?.ImageId;
  throw new Error(`The name ${input.imageName} is taken by ${image.ImageId}`);
}

/** Waits for as long as the target works on it; `onPending` is called at each look at an image that is not ready. */
export async function imageAvailable(
  ec2: EC2,
  imageId: string,
  context: Pick<BuildContext, 'signal'>,
  onPending?: () => Promise<void>,
): Promise<Image> {
  const read = async () => {
    // By a filter: just made, an image may be unknown for a moment.
    const filters = [{ Name: 'image-id', Values: [imageId] }];
    const { Images: [image] = [] } = await ec2.describeImages({ Filters: filters });
    if (image?.State === 'available') return image;
    if (image?.State === 'failed' || image?.State === 'error') {
      throw new Error(
        `The image ${imageId} failed: ${image.StateReason?.Message ?? 'the target gives no reason'}`,
      );
    }
    await onPending?.();
    return undefined;
  };
  return await until(read, {
    signal: context.signal,
    deadlineMs: imageDeadlineMs,
    what: `${imageId} to be available`,
  });
}

export function builtImage(image: Image): BuiltImage {
  const devices = (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs ?? []);
  return {
    imageId: image.ImageId ?? '',
    snapshotIds: devices.flatMap(({ SnapshotId }) => SnapshotId ?? []),
    sizeGiB: devices.reduce((sum, { VolumeSize = 0 }) => sum + VolumeSize, 0),
  };
}

export async function deleteImage(
  parts: Pick<BuildParts, 'targets'>,
  { input, runId }: Pick<ProofContext, 'input' | 'runId'>,
): Promise<void> {
  const target = await parts.targets.get(input.target);
  await deleteImagesOf(await target.client(input.region), runId);
}

/** Every image that the build has in the client's region, with its snapshots. */
export async function deleteImagesOf(ec2: EC2, runId: string): Promise<void> {
  const ofBuild = [{ Name: `tag:${tagKeys.build}`, Values: [runId] }];
  const { Images = [] } = await ec2.describeImages({ Owners: ['self'], Filters: ofBuild });
  for (const image of Images) {
    await ec2.deregisterImage({ ImageId: image.ImageId }).catch(unlessGone);
    for (const snapshotId of builtImage(image).snapshotIds) await deleteSnapshot(ec2, snapshotId);
  }
  // Those whose image never came to be.
  const { Snapshots = [] } = await ec2.describeSnapshots({ OwnerIds: ['self'], Filters: ofBuild });
  for (const { SnapshotId, Tags } of Snapshots) {
    const isLayer = tagsOf({ Tags })[tagKeys.cache] !== undefined;
    if (SnapshotId !== undefined && !isLayer) await deleteSnapshot(ec2, SnapshotId);
  }
}

async function deleteSnapshot(ec2: EC2, snapshotId: string): Promise<void> {
  await ec2.deleteSnapshot({ SnapshotId: snapshotId }).catch(unlessGone);
}

function unlessGone(error: unknown): void {
  if (!isCode(error, 'InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable', 'InvalidSnapshot.NotFound'))
    throw error;
}
