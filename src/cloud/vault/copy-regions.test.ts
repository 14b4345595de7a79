/** CopyImage and CopySnapshot from region to region, through the vaults. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeError } from '../../node/contract.ts';
import { type FlakyNode, flakyNode } from '../testing/flaky-node.ts';
import { launch } from '../testing/launch.ts';
import { eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { register } from '../testing/registered.ts';
import { allStored, imageInState, snapshotInState } from '../testing/stored.ts';

const eu = { region: 'eu-west-1' };
const stuck = 'ingot-simulate: copy=stuck';

let node: FlakyNode;
let cloud: TestCloud;
let now: Date;
let source: string;
beforeEach(async () => {
  node = flakyNode();
  now = new Date();
  cloud = await openTestCloud({ node, now: () => now });
  source = await register(cloud, 'source');
});
afterEach(() => cloud.close());

const snapshotOf = async (imageId: string, as = {}) =>
  (await cloud.call('DescribeImages', { ImageIds: [imageId] }, as)).Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs
    ?.SnapshotId ?? '';
const copyImage = async (Name = 'copy') =>
  (await cloud.call('CopyImage', { Name, SourceImageId: source, SourceRegion: 'us-east-1' }, eu)).ImageId ??
  '';
const copySnapshot = async (Description?: string) =>
  (
    await cloud.call(
      'CopySnapshot',
      {
        SourceRegion: 'us-east-1',
        SourceSnapshotId: await snapshotOf(source),
        ...(Description === undefined ? {} : { Description }),
      },
      eu,
    )
  ).SnapshotId ?? '';
const stored = () => node.listStoredSnapshots(eu);
const none = (ids: readonly string[]) => ids.length === 0;

describe('a copy in another region', () => {
  it('is pending until that region’s vault has it, which its own vault has first', async () => {
    const id = await copyImage();
    const [image] = (await cloud.call('DescribeImages', { ImageIds: [id] }, eu)).Images ?? [];
    expect(image?.State).toBe('pending');
    await expect(launch(cloud, { ImageId: id }, eu)).rejects.toMatchObject({
      code: 'InvalidAMIID.Unavailable',
    });
    await imageInState(cloud, id, 'available', eu);
    expect(await stored()).toContain(await snapshotOf(id, eu));
    expect(await node.listStoredSnapshots({ region: 'us-east-1' })).toContain(await snapshotOf(source));
    await launch(cloud, { ImageId: id }, eu);
  });

  it('costs nothing where the region has its blocks', async () => {
    await copySnapshot();
    await allStored(cloud);
    const before = await node.vaultStatus(eu);
    await copySnapshot();
    await allStored(cloud);
    expect(await node.vaultStatus(eu)).toMatchObject({
      blocks: before.blocks,
      snapshots: before.snapshots + 1,
    });
  });

  it('stands when its source goes before it has arrived', async () => {
    node.refuse('ingestSnapshot', new Error('not yet'), 1);
    const id = await copyImage();
    await cloud.call('DeregisterImage', { ImageId: source, DeleteAssociatedSnapshots: true });
    now = new Date(now.getTime() + 60_000);
    await imageInState(cloud, id, 'available', eu);
    await eventually(() => node.listStoredSnapshots({ region: 'us-east-1' }), none);
    await launch(cloud, { ImageId: id }, eu);
  });

  it('is stopped by deregistering it, and leaves nothing', async () => {
    await allStored(cloud);
    const free = node.copySnapshot;
    const hang = {
      ...node,
      copySnapshot: (request: Parameters<typeof free>[0]) =>
        free({ ...request, details: { description: stuck } }),
    };
    await cloud.close();
    cloud = await openTestCloud({ node: hang, now: () => now });
    source = await register(cloud, 'source');
    await allStored(cloud);
    const id = await copyImage();
    await eventually(
      () =>
        cloud.cloud.db.read
          .selectFrom('stored_snapshots')
          .selectAll()
          .where('state', '=', 'wanted')
          .execute(),
      (rows) => rows.some((row) => row.bytes_total > 0),
    );
    await cloud.call('DeregisterImage', { ImageId: id }, eu);
    const own = async () =>
      (await cloud.call('DescribeSnapshots', { OwnerIds: ['self'] }, eu)).Snapshots ?? [];
    expect(await own()).toEqual([]);
    await eventually(stored, none);
    await allStored(cloud);
    expect(await node.collectVault({ ...eu, dryRun: true })).toMatchObject({ removedBlocks: 0 });
    const again = await copyImage();
    expect(again).not.toBe(id);
  });

  it('is stopped by deleting it', async () => {
    const id = await copySnapshot(stuck);
    expect(await snapshotInState(cloud, id, 'pending', eu)).toMatchObject({ Progress: '0%' });
    await cloud.call('DeleteSnapshot', { SnapshotId: id }, eu);
    await eventually(stored, none);
    await allStored(cloud);
  });

  it('reads the layer where the source’s vault can’t give it', async () => {
    await allStored(cloud);
    node.refuse('copySnapshot', new NodeError('internal', 'a block is damaged'), 1);
    const id = await copySnapshot();
    await eventually(
      async () => (await cloud.call('DescribeSnapshots', { SnapshotIds: [id] }, eu)).Snapshots?.[0],
      (snapshot) => snapshot?.StateMessage === 'a block is damaged',
    );
    now = new Date(now.getTime() + 60_000);
    await snapshotInState(cloud, id, 'completed', eu);
    expect(node.count('ingestSnapshot')).toBe(2);
  });

  it('that fails again and again is in error with its reason, and its image failed', async () => {
    await allStored(cloud);
    const error = new NodeError('internal', 'the store is away');
    node.refuse('copySnapshot', error, 100);
    node.refuse('ingestSnapshot', error, 100);
    const id = await copyImage();
    const snapshotId = await snapshotOf(id, eu);
    const attempts = async () =>
      (
        await cloud.cloud.db.read
          .selectFrom('stored_snapshots')
          .select('attempts')
          .where('snapshot_id', '=', snapshotId as never)
          .executeTakeFirst()
      )?.attempts ?? 10;
    for (let tried = 1; tried < 10; tried++) {
      await eventually(attempts, (count) => count >= tried);
      now = new Date(now.getTime() + 3_600_000);
      cloud.cloud.wake();
    }
    expect(await imageInState(cloud, id, 'failed', eu)).toMatchObject({
      StateReason: { Message: `Snapshot ${snapshotId} was not copied: the store is away` },
    });
    expect(await snapshotInState(cloud, snapshotId, 'error', eu)).toMatchObject({
      StateMessage: 'the store is away',
    });
    await cloud.call('DeregisterImage', { ImageId: id, DeleteAssociatedSnapshots: true }, eu);
    expect((await cloud.call('DescribeSnapshots', { OwnerIds: ['self'] }, eu)).Snapshots).toEqual([]);
  });

  it('of the base account is not taken for a base that was half added', async () => {
    const bases = { accountId: '801119661308' as never };
    const base = (await cloud.call('DescribeImages', { ImageIds: [cloud.baseImageId] })).Images?.[0];
    const { SnapshotId = '' } = await cloud.call(
      'CopySnapshot',
      {
        SourceRegion: 'us-east-1',
        SourceSnapshotId: base?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '',
        Description: stuck,
      },
      { ...eu, ...bases },
    );
    cloud = await cloud.reopen();
    await snapshotInState(cloud, SnapshotId, 'pending', { ...eu, ...bases });
    await cloud.call('DeleteSnapshot', { SnapshotId }, { ...eu, ...bases });
  });
});
