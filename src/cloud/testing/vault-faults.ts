import type { TestCloud } from './open-test-cloud.ts';

/** Each vault holds what its rows say, and nothing is on its way. */
export async function vaultFaultsOf(cloud: TestCloud): Promise<readonly string[]> {
  const { read } = cloud.cloud.db;
  const rows = await read.selectFrom('stored_snapshots').selectAll().execute();
  const snapshots = await read.selectFrom('snapshots').selectAll().execute();
  const pending = await read.selectFrom('images').selectAll().where('state', '=', 'pending').execute();
  const layers = new Set((await cloud.node.listLayers()).map((layer) => layer.layerId));
  const evicted = await read.selectFrom('evicted_layers').selectAll().execute();
  const faults = rows.flatMap((row) => (row.state === 'wanted' ? [`${row.snapshot_id} is not stored`] : []));
  for (const region of cloud.cloud.config.regions) {
    const has = [...(await cloud.node.listStoredSnapshots({ region }))].sort();
    const said = rows.filter((row) => row.region === region && row.state === 'stored');
    const ids = said.map((row) => row.snapshot_id).sort();
    if (String(has) !== String(ids)) faults.push(`the vault of ${region} has ${has}, its rows say ${ids}`);
  }
  for (const { snapshot_id: id, layer_id: layerId, state } of snapshots) {
    if (state === 'pending') faults.push(`${id} is pending`);
    const held = rows.some((row) => row.layer_id === layerId && row.state === 'stored');
    if (state === 'completed' && !layers.has(layerId) && !held) faults.push(`${id} is lost`);
    if (layers.has(layerId) || evicted.some((layer) => layer.layer_id === layerId)) continue;
    faults.push(`${layerId} of ${id} is neither here nor evicted`);
  }
  for (const image of pending) faults.push(`${image.image_id} is pending`);
  for (const layer of evicted) if (layer.state === 'fetching') faults.push(`${layer.layer_id} is fetching`);
  return faults;
}
