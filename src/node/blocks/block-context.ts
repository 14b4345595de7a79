import type { NodeContext } from '../context.ts';

/** What of a node the blocks need. */
export type BlockContext = Pick<
  NodeContext,
  'queue' | 'disks' | 'blockWrites' | 'diskFloorBytes' | 'fault'
> & { readonly folders: Pick<NodeContext['folders'], 'layers'> };
