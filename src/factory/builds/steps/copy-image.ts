/** The proven image in the other regions: all at once, each under the same name and with the same tags. */
import { tagged } from '../../aws/tags.ts';
import type { BuildContext, CopiedImage } from '../build.ts';
import type { BuildParts } from '../parts.ts';
import { imageTags } from './build-tags.ts';
import { builtImage, deleteImagesOf, findOwnImage, imageAvailable } from './create-image.ts';

export async function copyImage(parts: BuildParts, context: BuildContext): Promise<readonly CopiedImage[]> {
  const { copyTo } = context.input;
  if (copyTo.length > 0) context.tell({ type: 'detail', text: copyTo.join(', ') });
  return await Promise.all(copyTo.map((region) => copyInto(parts, context, region)));
}

async function copyInto(parts: BuildParts, context: BuildContext, region: string): Promise<CopiedImage> {
  const { input, runId } = context;
  const target = await parts.targets.get(input.target);
  const ec2 = await target.client(region);
  let imageId = await findOwnImage(ec2, context);
  if (imageId === undefined) {
    const copy = await ec2.copyImage({
      SourceRegion: input.region,
      SourceImageId: context.result('image').imageId,
      Name: input.imageName,
      Description: input.template.description.slice(0, 255),
      ClientToken: `ingot-${runId}-${region}`,
      TagSpecifications: tagged(['image', 'snapshot'], imageTags(runId, input, context.result('base'))),
    });
    imageId = copy.ImageId ?? '';
  }
  const image = await imageAvailable(ec2, imageId, context);
  context.tell({ type: 'note', text: `${region}: ${imageId}` });
  return { region, ...builtImage(image) };
}

export async function deleteCopies(parts: BuildParts, context: BuildContext): Promise<void> {
  const target = await parts.targets.get(context.input.target);
  for (const region of context.input.copyTo) await deleteImagesOf(await target.client(region), context.runId);
}
