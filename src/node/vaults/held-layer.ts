import type { LayerId } from '../../platform/ids.ts';
import type { NodeContext } from '../context.ts';
import { NodeError } from '../contract.ts';
import { hasLayer, isFrozen } from '../disks/layer-files.ts';

/** What of a node it needs. */
export type LayerHolder = Pick<NodeContext, 'queue'> & {
  readonly vaults: Pick<NodeContext['vaults'], 'readers'>;
  readonly folders: Pick<NodeContext['folders'], 'layers'>;
};

/**
 * Works on a frozen layer that nobody may delete meanwhile; what it stands on is held by its header. Who deletes
 * layers and who begins to read one wait for each other, so a layer that was found is there until the end.
 */
export async function withHeldLayer<T>(
  context: LayerHolder,
  layerId: LayerId,
  work: () => Promise<T>,
): Promise<T> {
  const { readers } = context.vaults;
  await context.queue.run(['layers'], async () => {
    await assertFrozen(context, layerId);
    readers.set(layerId, (readers.get(layerId) ?? 0) + 1);
  });
  try {
    return await work();
  } finally {
    const left = (readers.get(layerId) ?? 1) - 1;
    if (left === 0) readers.delete(layerId);
    else readers.set(layerId, left);
  }
}

export async function assertFrozen(
  { folders }: Pick<LayerHolder, 'folders'>,
  layerId: LayerId,
): Promise<void> {
  if (!(await hasLayer(folders.layers, layerId)))
    throw new NodeError('unknown-layer', `no layer ${layerId} on this node`);
  if (await isFrozen(folders.layers, layerId)) return;
  throw new NodeError('internal', `layer ${layerId} is still being written; only a frozen one can be read`);
}
