import { afterEach, beforeEach, expect, it } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { type FlakyNode, flakyNode } from '../testing/flaky-node.ts';
import { eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { chainShortening } from './shorten-chains.ts';

let node: FlakyNode;
let cloud: TestCloud;
beforeEach(async () => {
  node = flakyNode();
  cloud = await openTestCloud({ node });
});
afterEach(() => cloud.close());

const asked = () =>
  eventually(
    async () => node.count('shortenChains'),
    (count) => count === 1,
  );

it('a node is asked to shorten its chains without a call, and not on every look', async () => {
  await asked();
  cloud.cloud.wake();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(node.count('shortenChains')).toBe(1);
});

it('it is asked again when its time has come, also when it did not answer', async () => {
  await asked();
  const always = chainShortening(0);
  node.refuse('shortenChains', new Error('the wire broke'));
  await always.run(cloud.cloud);
  await always.run(cloud.cloud);
  expect(node.count('shortenChains')).toBe(3);
});

it('layers that chains have left are looked at by the sweep, and one that nothing refers to goes', async () => {
  await asked();
  const layerId = newId('layer');
  const layers = async () => (await node.listLayers()).map((layer) => layer.layerId);
  await node.createLayer({ layerId, sizeBytes: 1 << 20 });
  await chainShortening(0).run({
    ...cloud.cloud,
    nodes: { ids: cloud.cloud.nodes.ids, get: () => ({ ...node, shortenChains: async () => [layerId] }) },
  });
  expect(await eventually(layers, (there) => !there.includes(layerId))).not.toContain(layerId);
});
