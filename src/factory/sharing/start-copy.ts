import { randomBytes } from 'node:crypto';
import { tagsOf } from '../aws/tags.ts';
import { regionOf } from '../builds/prepare-build.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { findLaunchImage } from '../launches/find-launch-image.ts';
import { chosen } from '../launches/resolve-launch.ts';
import { imageById } from '../launches/ways/by-id.ts';
import type { Target } from '../targets/target.ts';
import { findCopy, inherited } from './copied-from.ts';
import type { CopyInput, CopyRequest } from './copy.ts';
import { copyWorkflowName } from './copy-workflow.ts';

/** Starts it; regions that have the copy already are left as they are, so a copy that half failed is asked again. */
export async function startCopy(factory: Factory, request: CopyRequest): Promise<string> {
  const input = await prepareCopy(factory, request);
  const id = `copy-${randomBytes(5).toString('hex')}`;
  await factory.workflows.start(copyWorkflowName, { id, input });
  return id;
}

async function prepareCopy(factory: Factory, request: CopyRequest): Promise<CopyInput> {
  const target = await factory.targets.get(request.target);
  const { imageId, region } = chosen(await findLaunchImage(factory, request), request);
  const copyTo = [...new Set(request.copyTo)].filter((each) => each !== region);
  if (copyTo.length === 0)
    throw new FactoryError('invalid', `${imageId} is in ${region} already: name others`);
  for (const each of copyTo) regionOf(target, each);
  const image = await imageById(await target.client(region), imageId);
  if (image === undefined) throw new FactoryError('not-found', `${region} has no image ${imageId}`);
  const present = await presentCopies(target, { region, imageId }, copyTo);
  return {
    ...{ target: target.name, region, imageId },
    imageName: image.Name ?? imageId,
    description: image.Description ?? '',
    tags: inherited(tagsOf(image)),
    sizeGiB: (image.BlockDeviceMappings ?? []).reduce((sum, { Ebs }) => sum + (Ebs?.VolumeSize ?? 0), 0),
    copyTo: copyTo.filter((each) => !present.some((copy) => copy.region === each)),
    present,
    createdAt: factory.now().toISOString(),
  };
}

async function presentCopies(
  target: Target,
  source: { readonly region: string; readonly imageId: string },
  regions: readonly string[],
): Promise<CopyInput['present']> {
  const found = await Promise.all(
    regions.map(async (region) => {
      try {
        const imageId = await findCopy(await target.client(region), source);
        return imageId === undefined ? [] : [{ region, imageId }];
      } catch {
        // A region that doesn't answer fails where it is copied to, and alone.
        return [];
      }
    }),
  );
  return found.flat();
}
