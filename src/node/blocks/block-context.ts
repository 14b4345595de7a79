import type { NodeContext } from '../context.ts';

/** What of a node the blocks need. */
export type BlockContext = Pick<
  NodeContext,
  'folders' | 'queue' | 'disks' | 'blockWrites' | 'diskFloorBytes' | 'fault'
>;
