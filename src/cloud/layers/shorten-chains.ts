/**
 * Every snapshot adds a layer to the chain that a machine reads through; a node copies the long ones short while
 * the machine runs. Asked for now and then: no row waits for it. What was merged is looked at by the sweep, as what
 * rows let go of: an image may hold it.
 */
import type { LayerId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Pass } from '../reconcile.ts';

export function chainShortening(everyMs = 30_000): Pass {
  let askedAt = Number.NEGATIVE_INFINITY;
  return {
    name: 'chains',
    async run(cloud) {
      if (performance.now() - askedAt < everyMs) return;
      askedAt = performance.now();
      for (const nodeId of cloud.nodes.ids) {
        // Not waited for: a node that does not answer holds up nobody.
        cloud.nodes
          .get(nodeId)
          .shortenChains()
          .then((left) => releaseLayers(cloud, left))
          .catch((error: unknown) => {
            cloud.log.warn({ err: error, nodeId }, 'chains were not shortened; it is asked again');
          });
      }
    },
  };
}

async function releaseLayers(cloud: Cloud, layerIds: readonly LayerId[]): Promise<void> {
  if (layerIds.length === 0) return;
  await cloud.db.write((tx) =>
    tx
      .insertInto('released_layers')
      .values(layerIds.map((layer_id) => ({ layer_id })))
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
  cloud.wake();
}
