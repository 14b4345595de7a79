/** A server that is killed: opens the node in argv[2], fetches a layer slowly and starts a machine on it, and says so. */
import type { MachineSpec } from '../../src/node/contract.ts';
import { openNode } from '../../src/node/node.ts';
import type { LayerId, NodeId, SnapshotId } from '../../src/platform/ids.ts';
import { silentLog } from '../../src/platform/log.ts';
import { region, slowBytesPerSecond, vaultsIn } from './node-vault-folders.ts';

export interface LazyLaunch {
  readonly layers: readonly { readonly layerId: LayerId; readonly snapshotId: SnapshotId }[];
  readonly spec: MachineSpec;
  /** The overlay of each, in the same order. */
  readonly overlays: readonly LayerId[];
}

const [, , directory = '', text = '{}'] = process.argv;
const { layers, spec, overlays } = JSON.parse(text) as LazyLaunch;
const node = await openNode({
  nodeId: 'node-test' as NodeId,
  directory,
  log: silentLog,
  vaults: vaultsIn(directory),
  fetchBytesPerSecond: slowBytesPerSecond,
});
for (const [index, { layerId, snapshotId }] of layers.entries()) {
  const { virtualSizeBytes } = await node.fetchLayer({ layerId, region, snapshotId });
  const overlay = overlays[index];
  if (overlay === undefined) throw new Error('an overlay for each layer');
  await node.createLayer({ layerId: overlay, parentLayerId: layerId, sizeBytes: virtualSizeBytes });
}
await node.startMachine(spec);
process.stdout.write('started\n');
setInterval(() => undefined, 60_000);
