import { letLaunch, sharedWith } from '../../builds/steps/share-image.ts';
import type { TakenCopy } from '../../sharing/copy-to-each.ts';
import type { CreationContext, SharedAs } from '../creation-input.ts';
import type { CreationParts } from '../parts.ts';

/** Launch permissions. A target that refuses (EC2's block on public images) is told of; the image is good. */
export async function shareWith(parts: CreationParts, context: CreationContext): Promise<SharedAs> {
  const { share, target: name } = context.input;
  const target = await parts.targets.get(name);
  const problems: string[] = [];
  for (const place of placesOf(context)) {
    try {
      await letLaunch(await target.client(place.region), place.imageId, share);
    } catch (error) {
      context.signal.throwIfAborted();
      const message = error instanceof Error ? error.message : String(error);
      problems.push(`${place.region}: ${message}`);
      context.tell({ type: 'note', text: `${place.imageId} is not shared: ${message}` });
    }
  }
  if (problems.length === 0) context.tell({ type: 'detail', text: sharedWith(share) });
  return { ...share, at: parts.now().toISOString(), problems };
}

/** Where the image is, its own region first. A retry has only the copies that it made. */
export function placesOf(context: CreationContext): readonly Omit<TakenCopy, 'copyMs'>[] {
  const { region, retries } = context.input;
  const copies = (context.saved('copies') ?? []).filter((copy) => copy.status === 'completed');
  return retries === undefined ? [{ region, ...context.result('image') }, ...copies] : copies;
}
