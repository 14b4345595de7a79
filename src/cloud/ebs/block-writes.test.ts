import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Caller } from '../../ec2/types.ts';
import { blockBytes } from '../../node/block-contract.ts';
import { NodeError } from '../../node/contract.ts';
import type { LayerId } from '../../platform/ids.ts';
import { type FlakyNode, flakyNode } from '../testing/flaky-node.ts';
import { accountA, eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { ownSnapshot } from '../testing/registered.ts';

const caller: Caller = {
  accountId: accountA,
  accessKeyId: 'AKIATEST',
  region: 'us-east-1',
  requestId: 'test',
};

let node: FlakyNode;
let cloud: TestCloud;
beforeEach(async () => {
  node = flakyNode();
  cloud = await openTestCloud({ node });
});
afterEach(() => cloud.close());

async function begun(parent?: string): Promise<string> {
  const { SnapshotId = '' } = await cloud.ebs.StartSnapshot(
    { VolumeSize: 1, ...(parent === undefined ? {} : { ParentSnapshotId: parent }) },
    caller,
  );
  const content = randomBytes(blockBytes);
  const Checksum = createHash('sha256').update(content).digest('base64');
  const block = { SnapshotId, BlockIndex: 900, BlockData: content, DataLength: blockBytes } as const;
  await cloud.ebs.PutSnapshotBlock({ ...block, Checksum, ChecksumAlgorithm: 'SHA256' }, caller);
  return SnapshotId;
}

const complete = (SnapshotId: string) =>
  cloud.ebs.CompleteSnapshot({ SnapshotId, ChangedBlocksCount: 1 }, caller);

async function snapshotOf(id: string) {
  const { Snapshots } = await cloud.call('DescribeSnapshots', { OwnerIds: ['self'] });
  return Snapshots?.find(({ SnapshotId }) => SnapshotId === id);
}

const inState = (id: string, state: string) =>
  eventually(
    () => snapshotOf(id),
    (snapshot) => snapshot?.State === state,
  );

it('what was asked to be complete is completed, though the node did not answer', async () => {
  const id = await begun();
  node.refuse('completeBlockWrite', new Error('the wire broke'));
  await expect(complete(id)).rejects.toThrow('the wire broke');
  await inState(id, 'completed');
  const lost = await begun();
  node.loseAnswer('completeBlockWrite');
  await expect(complete(lost)).rejects.toThrow('lost');
  await inState(lost, 'completed');
  expect(await complete(lost)).toEqual({ Status: 'completed' });
});

it('a server that ends in between finishes it at the next start', async () => {
  const id = await begun();
  node.refuse('completeBlockWrite', new Error('the process was killed'), 1_000_000);
  await expect(complete(id)).rejects.toThrow('killed');
  node.refuse('completeBlockWrite', new Error(), 0);
  cloud = await cloud.reopen();
  await inState(id, 'completed');
});

it('with durability in the vault it is completed once the vault has it', async () => {
  await cloud.close();
  node = flakyNode();
  cloud = await openTestCloud({ node, durability: 'vault' });
  const id = await begun();
  expect(await complete(id)).toEqual({ Status: 'pending' });
  await inState(id, 'completed');
});

it('a node without room leaves no snapshot', async () => {
  node.refuse('startBlockWrite', new NodeError('disk-full', 'the disk is full'));
  await expect(begun()).rejects.toThrow('no room');
  expect((await cloud.call('DescribeSnapshots', { OwnerIds: ['self'] })).Snapshots).toEqual([]);
});

it('a parent that is deleted while blocks are put stays until the snapshot stands on it', async () => {
  const parent = await ownSnapshot(cloud);
  const child = await begun(parent);
  await complete(child);
  const grandchild = await begun(child);
  await cloud.call('DeleteSnapshot', { SnapshotId: child });
  cloud.cloud.wake();
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(await complete(grandchild)).toEqual({ Status: 'completed' });
  const { Blocks } = await cloud.ebs.ListSnapshotBlocks({ SnapshotId: grandchild }, caller);
  expect(Blocks?.length).toBeGreaterThan(1);
});

it('deleted while it is pending, nothing of it is left on its node', async () => {
  const id = await begun();
  await cloud.call('DeleteSnapshot', { SnapshotId: id });
  await expect(complete(id)).rejects.toThrow('does not exist');
  cloud = await cloud.reopen();
  await eventually(
    () => node.listBlockWrites(),
    (writes) => writes.length === 0,
  );
});

it('what a crash left on the node without a row is removed at the start', async () => {
  await node.startBlockWrite({ layerId: 'layer-00000000000000009' as LayerId, sizeBytes: 2 ** 30 });
  cloud = await cloud.reopen();
  await eventually(
    () => node.listBlockWrites(),
    (writes) => writes.length === 0,
  );
});
