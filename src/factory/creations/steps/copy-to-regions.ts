import { copyToEach, deleteEachCopy, type RegionCopy } from '../../sharing/copy-to-each.ts';
import type { CreationContext } from '../creation-input.ts';
import { creationTags } from '../creation-tags.ts';
import type { CreationParts } from '../parts.ts';

export async function copyToRegions(
  parts: CreationParts,
  context: CreationContext,
): Promise<readonly RegionCopy[]> {
  const { input, runId } = context;
  const { imageId } = context.result('image');
  const copy = { imageId, description: input.description, tags: creationTags(runId, input) };
  return await copyToEach(
    parts,
    context,
    input.copyTo.map((region) => ({ ...copy, region })),
  );
}

export async function deleteRegionCopies(parts: CreationParts, context: CreationContext): Promise<void> {
  await deleteEachCopy(parts, context, context.input.copyTo);
}
