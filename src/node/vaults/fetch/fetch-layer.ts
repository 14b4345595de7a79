import type { NodeContext } from '../../context.ts';
import type { LayerStatus } from '../../contract.ts';
import { NodeError } from '../../contract.ts';
import { writeEmptyLayer } from '../../disks/create-layer.ts';
import { freezeLayer, hasLayer } from '../../disks/layer-files.ts';
import { layerStatus } from '../../disks/layer-status.ts';
import { admitDisk } from '../../machines/admission.ts';
import type { VaultContract } from '../../vault-contract.ts';
import { vaultOf } from '../node-vaults.ts';
import { fetchVersion, writeFetchRecord } from './fetch-record.ts';
import { servedBacking } from './served-backing.ts';

type FetchRequest = Parameters<VaultContract['fetchLayer']>[0];

/** Serves a layer that isn't here from the vault, and fetches it behind that. The record comes first, the file last. */
export async function fetchLayer(context: NodeContext, request: FetchRequest): Promise<LayerStatus> {
  const { layerId, region, snapshotId, imageId } = request;
  const { layers, served } = context.folders;
  return await context.queue.run(['layers'], async () => {
    if (await hasLayer(layers, layerId)) return await layerStatus(layers, layerId);
    const stored = await vaultOf(context.vaults, region).metadata(snapshotId);
    if (stored === undefined) {
      throw new NodeError('unknown-snapshot', `the vault of ${region} has no snapshot ${snapshotId}`);
    }
    await admitDisk(context);
    const record = { version: fetchVersion, layerId, region, snapshotId } as const;
    const complete = imageId === undefined ? record : { ...record, imageId };
    await writeFetchRecord(served, complete);
    await context.fault('fetch:recorded');
    if (context.fetches.get(layerId) === undefined) await context.fetches.begin(complete);
    await writeEmptyLayer(layers, {
      layerId,
      sizeBytes: stored.volumeSizeBytes,
      servedBy: servedBacking(region, layerId),
    });
    await freezeLayer(layers, layerId);
    await context.fault('fetch:served');
    return await layerStatus(layers, layerId);
  });
}
