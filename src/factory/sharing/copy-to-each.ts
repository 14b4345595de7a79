/** An image into other regions, all at once. One that fails is told of and fails alone: the other copies are good. */
import type { BuiltImage } from '../builds/build.ts';
import type { BuildParts } from '../builds/parts.ts';
import { type Copy, type CopyContext, copyInto } from '../builds/steps/copy-image.ts';
import { deleteImagesOf } from '../builds/steps/create-image.ts';

export type RegionCopy =
  | (TakenCopy & { readonly status: 'completed' })
  | { readonly region: string; readonly status: 'failed'; readonly error: string; readonly copyMs: number };

export interface TakenCopy extends BuiltImage {
  readonly region: string;
  readonly copyMs: number;
}

type Parts = Pick<BuildParts, 'targets'>;

export async function copyToEach(
  parts: Parts,
  context: CopyContext,
  copies: readonly Copy[],
): Promise<readonly RegionCopy[]> {
  if (copies.length > 0) {
    context.tell({ type: 'detail', text: copies.map(({ region }) => region).join(', ') });
  }
  return await Promise.all(copies.map((copy) => copyOne(parts, context, copy)));
}

async function copyOne(parts: Parts, context: CopyContext, copy: Copy): Promise<RegionCopy> {
  const { region } = copy;
  const began = performance.now();
  const copyMs = () => Math.round(performance.now() - began);
  try {
    return { ...(await copyInto(parts, context, copy)), status: 'completed', copyMs: copyMs() };
  } catch (error) {
    context.signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    context.tell({ type: 'note', text: `${region}: failed: ${message}` });
    await removeCopy(parts, context, region);
    return { region, status: 'failed', error: message, copyMs: copyMs() };
  }
}

/** Best done now; where the region doesn't answer at all, what it has is told of. */
async function removeCopy(parts: Parts, context: CopyContext, region: string): Promise<void> {
  try {
    const target = await parts.targets.get(context.input.target);
    await deleteImagesOf(await target.client(region), context.runId);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.tell({ type: 'note', text: `${region}: what the copy began may still be there: ${message}` });
  }
}

/** Whatever the run has in these regions. */
export async function deleteEachCopy(
  parts: Parts,
  context: CopyContext,
  regions: readonly string[],
): Promise<void> {
  const target = await parts.targets.get(context.input.target);
  for (const region of regions) await deleteImagesOf(await target.client(region), context.runId);
}
