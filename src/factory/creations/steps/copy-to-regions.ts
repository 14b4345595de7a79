import { countBlocks } from '../../costs/count-blocks.ts';
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
  const copies = await copyToEach(
    parts,
    context,
    input.copyTo.map((region) => ({ ...copy, region })),
  );
  await countEach(parts, context, copies);
  return copies;
}

/** For their cost; where a region doesn't tell, its disks' sizes count. */
async function countEach(
  parts: CreationParts,
  { input }: CreationContext,
  copies: readonly RegionCopy[],
): Promise<void> {
  const target = await parts.targets.get(input.target);
  for (const copy of copies) {
    if (copy.status === 'failed') continue;
    const place = { target, region: copy.region };
    for (const snapshotId of copy.snapshotIds) await countBlocks(parts, place, { snapshotId });
  }
}

export async function deleteRegionCopies(parts: CreationParts, context: CreationContext): Promise<void> {
  await deleteEachCopy(parts, context, context.input.copyTo);
}
