import type { NodeContext } from '../context.ts';
import type { LayerPlaces } from '../vaults/layer-source.ts';

/** What of a node the blocks need. */
export type BlockContext = Pick<NodeContext, 'queue' | 'disks' | 'blockWrites' | 'diskFloorBytes' | 'fault'> &
  LayerPlaces;
