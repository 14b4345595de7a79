/**
 * What a channel pointed to before. Going back undoes, so that going back twice ends two versions earlier and not
 * where it began: the moves are played onto a stack, which a rollback takes from.
 */
import type { ChannelMove } from './channel.ts';

/** Image ids under the current one, the last of them first. Moves are of one channel, first to last. */
export function earlierImages(
  moves: readonly Pick<ChannelMove, 'action' | 'toImageId'>[],
): readonly string[] {
  const stack: string[] = [];
  for (const { action, toImageId } of moves) {
    if (toImageId === undefined) stack.length = 0;
    const at = toImageId === undefined ? -1 : stack.lastIndexOf(toImageId);
    const goesBack = action === 'rolled-back' || action === 'revoked' || action === 'deleted';
    if (goesBack && at >= 0) stack.length = at + 1;
    if (toImageId !== undefined && stack.at(-1) !== toImageId) stack.push(toImageId);
  }
  return stack.slice(0, -1).reverse();
}
