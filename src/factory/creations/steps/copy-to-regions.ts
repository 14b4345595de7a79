/** The image in other regions. One that fails is told of and fails alone: the image and its other copies are good. */

import { copyInto } from '../../builds/steps/copy-image.ts';
import { deleteImagesOf } from '../../builds/steps/create-image.ts';
import type { CreationContext, RegionCopy } from '../creation-input.ts';
import { creationTags } from '../creation-tags.ts';
import type { CreationParts } from '../parts.ts';

export async function copyToRegions(
  parts: CreationParts,
  context: CreationContext,
): Promise<readonly RegionCopy[]> {
  const { copyTo } = context.input;
  if (copyTo.length > 0) context.tell({ type: 'detail', text: copyTo.join(', ') });
  return await Promise.all(copyTo.map((region) => copyOne(parts, context, region)));
}

async function copyOne(parts: CreationParts, context: CreationContext, region: string): Promise<RegionCopy> {
  const { input, runId } = context;
  const began = performance.now();
  const copyMs = () => Math.round(performance.now() - began);
  const { imageId } = context.result('image');
  const { description } = input;
  try {
    const tags = creationTags(runId, input);
    const copy = await copyInto(parts, context, { region, imageId, description, tags });
    return { ...copy, status: 'completed', copyMs: copyMs() };
  } catch (error) {
    context.signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    context.tell({ type: 'note', text: `${region}: failed: ${message}` });
    await removeCopy(parts, context, region);
    return { region, status: 'failed', error: message, copyMs: copyMs() };
  }
}

/** Best done now; where the region doesn't answer at all, what it has is told of. */
async function removeCopy(parts: CreationParts, context: CreationContext, region: string): Promise<void> {
  try {
    const target = await parts.targets.get(context.input.target);
    await deleteImagesOf(await target.client(region), context.runId);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.tell({ type: 'note', text: `${region}: what the copy began may still be there: ${message}` });
  }
}

export async function deleteRegionCopies(parts: CreationParts, context: CreationContext): Promise<void> {
  const target = await parts.targets.get(context.input.target);
  for (const region of context.input.copyTo) await deleteImagesOf(await target.client(region), context.runId);
}
