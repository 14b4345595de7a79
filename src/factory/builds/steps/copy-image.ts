/** The proven image in the other regions: all at once, each under the same name and with the same tags. */
import { type Tags, tagged } from '../../aws/tags.ts';
import type { BuildContext, CopiedImage } from '../build.ts';
import type { BuildParts } from '../parts.ts';
import { imageTags } from './build-tags.ts';
import { builtImage, deleteImagesOf, findOwnImage, imageAvailable } from './create-image.ts';
import { tagImage } from './tag-image.ts';

export async function copyImage(parts: BuildParts, context: BuildContext): Promise<readonly CopiedImage[]> {
  const { copyTo } = context.input;
  if (copyTo.length > 0) context.tell({ type: 'detail', text: copyTo.join(', ') });
  const tags = imageTags(context.runId, context.input, context.result('base'));
  const { imageId } = context.result('image');
  const copy = { imageId, description: context.input.template.description, tags };
  return await Promise.all(copyTo.map((region) => copyInto(parts, context, { ...copy, region })));
}

export interface Copy {
  /** Where it goes. */
  readonly region: string;
  /** In the run's own region. */
  readonly imageId: string;
  readonly description: string;
  readonly tags: Tags;
}

export type CopyContext = Pick<BuildContext, 'runId' | 'signal' | 'tell'> & {
  readonly input: Pick<BuildContext['input'], 'target' | 'region' | 'imageName'>;
};

/** Finds what it did before: a copy of the run's name and id. */
export async function copyInto(
  parts: Pick<BuildParts, 'targets'>,
  context: CopyContext,
  { region, tags, ...source }: Copy,
): Promise<CopiedImage> {
  const { input, runId } = context;
  const target = await parts.targets.get(input.target);
  const ec2 = await target.client(region);
  let imageId = await findOwnImage(ec2, context);
  if (imageId === undefined) {
    const copy = await ec2.copyImage({
      SourceRegion: input.region,
      SourceImageId: source.imageId,
      Name: input.imageName,
      Description: source.description.slice(0, 255),
      ClientToken: `ingot-${runId}-${region}`,
      TagSpecifications: tagged(['image', 'snapshot'], tags),
    });
    imageId = copy.ImageId ?? '';
  }
  const image = await imageAvailable(ec2, imageId, context);
  await tagImage(ec2, image, tags);
  context.tell({ type: 'note', text: `${region}: ${imageId}` });
  return { region, ...builtImage(image) };
}

export async function deleteCopies(parts: BuildParts, context: BuildContext): Promise<void> {
  const target = await parts.targets.get(context.input.target);
  for (const region of context.input.copyTo) await deleteImagesOf(await target.client(region), context.runId);
}
