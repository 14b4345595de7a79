/**
 * Every snapshot adds a layer to the chain that a machine reads through; a node copies the long ones short while
 * the machine runs. Asked for now and then: no row waits for it, and asked again it closes what was merged.
 */
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
          .catch((error: unknown) => {
            cloud.log.warn({ err: error, nodeId }, 'chains were not shortened; it is asked again');
          });
      }
    },
  };
}
