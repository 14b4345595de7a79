import { expect, test } from 'vitest';
import { type LayerId, type NodeId, newId, type SnapshotId } from '../../platform/ids.ts';
import { openSimulatedNode, type SimulatedNode } from './simulated-node.ts';
import { blockBytes } from './vault-state.ts';

const [region, elsewhere] = ['us-east-1', 'eu-west-1'];

test('an ingest is asked for until it rests, and reads only what its parent lacks', async () => {
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId, transferAsks: 2 });
  const [first, second] = await twoLayers(node);
  const parent = { region, snapshotId: newId('snap'), layerId: first, details: {} };
  expect(await node.ingestSnapshot(parent)).toMatchObject({ state: 'running', bytesTotal: blockBytes });
  expect(await node.listStoredSnapshots({ region })).toEqual([]);
  expect(await node.ingestSnapshot(parent)).toMatchObject({ state: 'completed' });
  const child = { region, snapshotId: newId('snap'), layerId: second, parent, details: {} };
  expect(await node.ingestSnapshot(child)).toMatchObject({ bytesTotal: blockBytes });
  await node.ingestSnapshot(child);
  expect(await node.vaultStatus({ region })).toMatchObject({ snapshots: 2, blocks: 2 });
});

test('a failed transfer says why once, and the next ask tries again', async () => {
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId, transferAsks: 2 });
  const [layerId] = await twoLayers(node);
  const request = { region, snapshotId: newId('snap'), layerId, details: {} };
  await node.ingestSnapshot(request);
  node.failTransfer(region, request.snapshotId, 'the disk is full');
  expect(await node.ingestSnapshot(request)).toMatchObject({ state: 'failed', reason: 'the disk is full' });
  expect(await node.ingestSnapshot(request)).toMatchObject({ state: 'running' });
  const doomed = {
    ...request,
    snapshotId: newId('snap'),
    details: { description: 'ingot-simulate: ingest=disk-full' },
  };
  expect(await node.ingestSnapshot(doomed)).toMatchObject({ state: 'failed' });
});

test('a copy moves what the other region lacks, and lives on without its source', async () => {
  const { node, snapshotId } = await stored();
  const copyId = newId('snap');
  const request = { fromRegion: region, snapshotId, toRegion: elsewhere, copyId, details: {} };
  expect(await node.copySnapshot(request)).toMatchObject({ state: 'completed', bytesDone: 2 * blockBytes });
  const again = { ...request, copyId: newId('snap') };
  expect(await node.copySnapshot(again)).toMatchObject({ state: 'completed', bytesDone: 0 });
  await node.deleteStoredSnapshots({ region, snapshotIds: [snapshotId] });
  expect(await node.collectVault({ region, dryRun: false })).toMatchObject({ removedBlocks: 2 });
  const layerId = newId('layer');
  expect(await node.fetchLayer({ layerId, region: elsewhere, snapshotId: copyId })).toMatchObject({
    depth: 1,
  });
  await expect(node.copySnapshot({ ...request, copyId: newId('snap') })).rejects.toMatchObject({
    kind: 'unknown-snapshot',
  });
});

test('an evicted layer comes back from the vault under its id, and machines stand on it again', async () => {
  const { node, layerId, snapshotId } = await stored();
  expect(await node.deleteLayers({ layerIds: [layerId] })).toEqual([layerId]);
  await node.fetchLayer({ layerId, region, snapshotId });
  const overlay = { layerId: newId('layer'), parentLayerId: layerId, sizeBytes: 2 ** 30 };
  expect(await node.createLayer(overlay)).toMatchObject({ depth: 2 });
});

test('a damaged block is found, is never served, and is repaired from a layer', async () => {
  const { node, layerId, snapshotId } = await stored();
  node.damageBlock(region, snapshotId);
  const harms = [{ snapshots: [snapshotId] }];
  expect(await node.verifyVault({ region })).toMatchObject({ state: 'completed', harms });
  await expect(node.fetchLayer({ layerId: newId('layer'), region, snapshotId })).rejects.toThrow(/damaged/);
  const sources = [{ snapshotId, layerId }];
  expect(await node.repairVault({ region, sources })).toMatchObject({ repairedBlocks: 1, harms: [] });
  expect(await node.verifyVault({ region, restart: true })).toMatchObject({ harms: [] });
});

async function stored(): Promise<{ node: SimulatedNode; layerId: LayerId; snapshotId: SnapshotId }> {
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  const [, layerId] = await twoLayers(node);
  const snapshotId = newId('snap');
  await node.ingestSnapshot({ region, snapshotId, layerId, details: {} });
  return { node, layerId, snapshotId };
}

async function twoLayers(node: SimulatedNode): Promise<readonly [LayerId, LayerId]> {
  const [parentLayerId, layerId] = [newId('layer'), newId('layer')];
  await node.createLayer({ layerId: parentLayerId, sizeBytes: 2 ** 30 });
  await node.createLayer({ layerId, parentLayerId, sizeBytes: 2 ** 30 });
  return [parentLayerId, layerId];
}
