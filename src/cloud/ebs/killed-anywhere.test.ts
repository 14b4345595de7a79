/** Writing a snapshot block by block is killed at each of its steps; the client asks again when the server is back. */
import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Caller } from '../../ec2/types.ts';
import { blockBytes } from '../../node/block-contract.ts';
import { type KilledScenario, killedAtEachStep } from '../testing/killed-at-each-step.ts';
import { accountA, eventually, type TestCloud } from '../testing/open-test-cloud.ts';
import { ownSnapshot } from '../testing/registered.ts';

type Scenario = KilledScenario<string | undefined> & { readonly durability?: 'layer' | 'vault' };

const caller: Caller = {
  accountId: accountA,
  accessKeyId: 'AKIATEST',
  region: 'us-east-1',
  requestId: 'test',
};
/** Far apart: in leaves of their own. */
const blocks = new Map([0, 900].map((index) => [index, randomBytes(blockBytes)]));
const sum = (content: Buffer) => createHash('sha256').update(content).digest('base64');

const start = (cloud: TestCloud, parent: string | undefined) =>
  cloud.ebs.StartSnapshot(
    { VolumeSize: 1, ClientToken: 'one', ...(parent === undefined ? {} : { ParentSnapshotId: parent }) },
    caller,
  );

/** The same token: the same snapshot, however often it is asked for. */
async function write(cloud: TestCloud, parent: string | undefined): Promise<void> {
  const { SnapshotId = '', Status } = await start(cloud, parent);
  if (Status === 'completed') return;
  for (const [BlockIndex, content] of blocks) {
    const block = { SnapshotId, BlockIndex, BlockData: content, DataLength: blockBytes } as const;
    const put = { ...block, Checksum: sum(content), ChecksumAlgorithm: 'SHA256' } as const;
    // What was asked to be complete takes no block; completing it once more is answered.
    await cloud.ebs.PutSnapshotBlock(put, caller).catch((error: Error) => {
      expect(error.message).toMatch(/not pending/);
    });
  }
  await cloud.ebs.CompleteSnapshot({ SnapshotId, ChangedBlocksCount: blocks.size }, caller);
}

async function isWritten(cloud: TestCloud, parent: string | undefined): Promise<void> {
  await write(cloud, parent);
  const { Snapshots = [] } = await cloud.call('DescribeSnapshots', { OwnerIds: ['self'] });
  const written = Snapshots.filter(({ SnapshotId }) => SnapshotId !== parent);
  expect(written).toMatchObject([{ State: 'completed' }]);
  const { SnapshotId = '' } = written[0] ?? {};
  const { Blocks = [] } = await cloud.ebs.ListSnapshotBlocks({ SnapshotId }, caller);
  for (const [index, content] of blocks) {
    const { BlockToken } = Blocks.find((block) => block.BlockIndex === index) ?? {};
    const { Checksum } = await cloud.ebs.GetSnapshotBlock(
      { SnapshotId, BlockIndex: index, BlockToken },
      caller,
    );
    expect(Checksum).toBe(sum(content));
  }
}

async function nothingIsLeft(cloud: TestCloud): Promise<void> {
  await eventually(
    () => cloud.node.listBlockWrites(),
    (writes) => writes.length === 0,
  );
}

const scenarios: readonly Scenario[] = [
  { name: 'one that has a parent', prepare: ownSnapshot, call: write, again: write, after: isWritten },
  {
    name: 'one that is complete when the vault has it',
    durability: 'vault',
    prepare: async () => undefined,
    call: write,
    again: write,
    after: isWritten,
  },
  {
    name: 'one that is deleted while it is pending',
    prepare: async () => undefined,
    call: async (cloud) => {
      const { SnapshotId } = await start(cloud, undefined);
      await cloud.call('DeleteSnapshot', { SnapshotId });
    },
    again: async (cloud) => {
      const { Snapshots = [] } = await cloud.call('DescribeSnapshots', { OwnerIds: ['self'] });
      for (const { SnapshotId } of Snapshots) await cloud.call('DeleteSnapshot', { SnapshotId });
    },
    restarts: true,
    after: nothingIsLeft,
  },
];

test.each<Scenario>(scenarios)(
  '$name, killed at each step of its writing, is there once and whole, or not at all',
  async ({ durability = 'layer', ...scenario }) => {
    expect(await killedAtEachStep(scenario, { durability })).toBeGreaterThan(4);
  },
  240_000,
);
