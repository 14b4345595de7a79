/** EBS direct as the official SDK's client sees it. */
import { randomBytes } from 'node:crypto';
import type { EBS } from '@aws-sdk/client-ebs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../src/cloud/testing/open-test-cloud.ts';
import { blockBytes, type EbsRig, linear, put, shaOf, startEbs, written } from './ebs-rig.ts';

let now = new Date();
let rig: EbsRig;
let ebs: EBS;
beforeAll(async () => {
  rig = await startEbs({ now: () => now });
  ebs = rig.ebs();
});
afterAll(() => rig.close());

const random = () => randomBytes(blockBytes);

/** The error as the SDK names it, with its reason and status. */
async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown as { name: string; Reason?: string; $metadata: { httpStatusCode?: number } },
  );
  if (error === undefined) throw new Error('The call succeeded');
  return [error.name, error.Reason, error.$metadata.httpStatusCode];
}

async function read(SnapshotId: string, BlockIndex: number, BlockToken: string | undefined) {
  const { BlockData, Checksum, DataLength } = await ebs.getSnapshotBlock({
    SnapshotId,
    BlockIndex,
    BlockToken,
  });
  const content = Buffer.from((await BlockData?.transformToByteArray()) ?? []);
  expect(Checksum).toBe(shaOf(content));
  expect(DataLength).toBe(blockBytes);
  return content;
}

async function listed(SnapshotId: string) {
  const { Blocks = [] } = await ebs.listSnapshotBlocks({ SnapshotId });
  return new Map(Blocks.map(({ BlockIndex = -1, BlockToken }) => [BlockIndex, BlockToken]));
}

describe('writing', () => {
  it('makes a snapshot that is pending until it is completed, and then boots as an image', async () => {
    const [a, b] = [random(), random()];
    const started = await ebs.startSnapshot({
      VolumeSize: 2,
      Description: 'from outside',
      Tags: [{ Key: 'team', Value: 'a' }],
    });
    const { SnapshotId = '' } = started;
    expect(started).toMatchObject({
      Status: 'pending',
      OwnerId: '123456789012',
      VolumeSize: 2,
      BlockSize: blockBytes,
      Description: 'from outside',
      Tags: [{ Key: 'team', Value: 'a' }],
    });
    expect(started.StartTime?.getTime()).toBeGreaterThan(Date.now() - 3_600_000);
    const ec2 = rig.ec2();
    await put(ebs, SnapshotId, 9, b);
    await put(ebs, SnapshotId, 3, a);
    const { Snapshots: pending } = await ec2.describeSnapshots({ SnapshotIds: [SnapshotId] });
    expect(pending).toMatchObject([{ State: 'pending', VolumeId: 'vol-ffffffff', VolumeSize: 2 }]);
    const completed = await ebs.completeSnapshot({
      SnapshotId,
      ChangedBlocksCount: 2,
      Checksum: linear(a, b),
      ChecksumAlgorithm: 'SHA256',
      ChecksumAggregationMethod: 'LINEAR',
    });
    expect(completed.$metadata.httpStatusCode).toBe(202);
    expect(completed.Status).toBe('completed');
    const { Snapshots } = await ec2.describeSnapshots({ SnapshotIds: [SnapshotId] });
    expect(Snapshots).toMatchObject([{ State: 'completed', Progress: '100%', Description: 'from outside' }]);

    const { ImageId } = await ec2.registerImage({
      Name: 'from-outside',
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId } }],
    });
    const { Instances: [instance] = [] } = await ec2.runInstances({ ImageId, MinCount: 1, MaxCount: 1 });
    const state = async () =>
      (await ec2.describeInstances({ InstanceIds: [instance?.InstanceId ?? ''] })).Reservations?.[0]
        ?.Instances?.[0]?.State?.Name;
    expect(await eventually(state, (name) => name === 'running')).toBe('running');
  });

  it('reads back what was written, over what the parent has', async () => {
    const [a, b, c] = [random(), random(), random()];
    const parent = await written(ebs, { 0: a, 5: b });
    const child = await written(ebs, { 5: c, 2047: a }, { parent });
    const tokens = await listed(child);
    expect([...tokens.keys()]).toEqual([0, 5, 2047]);
    expect((await read(child, 0, tokens.get(0))).equals(a)).toBe(true);
    expect((await read(child, 5, tokens.get(5))).equals(c)).toBe(true);
  });

  it('takes the same request with the same token once, and another with it not at all', async () => {
    const ClientToken = 'once-only';
    const first = await ebs.startSnapshot({ VolumeSize: 1, ClientToken });
    expect((await ebs.startSnapshot({ VolumeSize: 1, ClientToken })).SnapshotId).toBe(first.SnapshotId);
    expect(await refusal(ebs.startSnapshot({ VolumeSize: 2, ClientToken }))).toEqual([
      'ConflictException',
      undefined,
      409,
    ]);
  });

  it('refuses a block that is not what its checksum says, a wrong length and a wrong place', async () => {
    const { SnapshotId } = await ebs.startSnapshot({ VolumeSize: 1 });
    const BlockData = random();
    const block = {
      SnapshotId,
      BlockIndex: 0,
      BlockData,
      DataLength: blockBytes,
      Checksum: shaOf(BlockData),
      ChecksumAlgorithm: 'SHA256',
    } as const;
    const invalid = (reason: string) => ['ValidationException', reason, 400];
    const wrong = { ...block, Checksum: shaOf(random()) };
    expect(await refusal(ebs.putSnapshotBlock(wrong))).toEqual(invalid('INVALID_BLOCK'));
    expect(await refusal(ebs.putSnapshotBlock({ ...block, BlockIndex: 2048 }))).toEqual(
      invalid('INVALID_BLOCK'),
    );
    const short = BlockData.subarray(0, 4096);
    expect(
      await refusal(
        ebs.putSnapshotBlock({ ...block, BlockData: short, DataLength: 4096, Checksum: shaOf(short) }),
      ),
    ).toEqual(invalid('INVALID_PARAMETER_VALUE'));
    await ebs.putSnapshotBlock(block);
  });

  it('completes nothing that is not all there', async () => {
    const { SnapshotId = '' } = await ebs.startSnapshot({ VolumeSize: 1 });
    const block = random();
    await put(ebs, SnapshotId, 4, block);
    const invalid = ['ValidationException', 'INVALID_PARAMETER_VALUE', 400];
    expect(await refusal(ebs.completeSnapshot({ SnapshotId, ChangedBlocksCount: 2 }))).toEqual(invalid);
    const Checksum = linear(random());
    expect(await refusal(ebs.completeSnapshot({ SnapshotId, ChangedBlocksCount: 1, Checksum }))).toEqual(
      invalid,
    );
    expect((await ebs.completeSnapshot({ SnapshotId, ChangedBlocksCount: 1 })).Status).toBe('completed');
    // A lost answer is asked for again.
    expect((await ebs.completeSnapshot({ SnapshotId, ChangedBlocksCount: 1 })).Status).toBe('completed');
    expect(await refusal(put(ebs, SnapshotId, 5, block))).toEqual([
      'ValidationException',
      'INVALID_SNAPSHOT_ID',
      400,
    ]);
  });

  it('refuses encryption, sizes and times out of range, and a parent that is larger', async () => {
    const code = async (input: Parameters<EBS['startSnapshot']>[0]) =>
      (await refusal(ebs.startSnapshot(input))).slice(0, 2);
    const parent = await written(ebs, { 0: random() }, { sizeGiB: 2 });
    expect(await code({ VolumeSize: 1, Encrypted: true })).toEqual([
      'ValidationException',
      'INVALID_PARAMETER_VALUE',
    ]);
    expect(await code({ VolumeSize: 0 })).toEqual(['ValidationException', 'INVALID_VOLUME_SIZE']);
    expect(await code({ VolumeSize: 65_537 })).toEqual(['ValidationException', 'INVALID_VOLUME_SIZE']);
    expect(await code({ VolumeSize: 1, ParentSnapshotId: parent })).toEqual([
      'ValidationException',
      'INVALID_VOLUME_SIZE',
    ]);
    expect(await code({ VolumeSize: 1, Timeout: 9 })).toEqual([
      'ValidationException',
      'INVALID_PARAMETER_VALUE',
    ]);
    expect(await code({ VolumeSize: 1, Tags: [{ Key: 'aws:x', Value: '' }] })).toEqual([
      'ValidationException',
      'INVALID_TAG',
    ]);
    expect(await code({ VolumeSize: 1, ParentSnapshotId: 'snap-00000000000000000' })).toEqual([
      'ResourceNotFoundException',
      'SNAPSHOT_NOT_FOUND',
    ]);
  });

  it('ends a snapshot in error that was silent for its timeout', async () => {
    const { SnapshotId = '' } = await ebs.startSnapshot({ VolumeSize: 1, Timeout: 10 });
    now = new Date(Date.now() + 11 * 60_000);
    const reopened = await rig.cloud.reopen();
    const state = async () =>
      (await reopened.call('DescribeSnapshots', { SnapshotIds: [SnapshotId] })).Snapshots?.[0];
    const ended = await eventually(state, (snapshot) => snapshot?.State === 'error');
    expect(ended?.StateMessage).toContain('10 minutes');
    await reopened.close();
    now = new Date();
    await restart();
  });
});

async function restart(): Promise<void> {
  await rig.close().catch(() => undefined);
  rig = await startEbs({ now: () => now });
  ebs = rig.ebs();
}

describe('reading', () => {
  it('any completed snapshot can be read, also one that was never written from outside', async () => {
    const ec2 = rig.ec2();
    const { Images } = await ec2.describeImages({ ImageIds: [rig.cloud.baseImageId] });
    const SnapshotId = Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
    const tokens = await listed(SnapshotId);
    expect(tokens.size).toBeGreaterThan(0);
    for (const [index, token] of tokens)
      expect(await read(SnapshotId, index, token)).toHaveLength(blockBytes);
  });

  it('lists changed blocks between related snapshots, and refuses to compare others', async () => {
    const [a, b, zero] = [random(), random(), Buffer.alloc(blockBytes)];
    const FirstSnapshotId = await written(ebs, { 1: a, 2: a, 3: a });
    const SecondSnapshotId = await written(ebs, { 1: b, 2: a, 3: zero, 7: b }, { parent: FirstSnapshotId });
    const { ChangedBlocks = [], VolumeSize } = await ebs.listChangedBlocks({
      FirstSnapshotId,
      SecondSnapshotId,
    });
    expect(VolumeSize).toBe(1);
    expect(ChangedBlocks.map((block) => [block.BlockIndex, block.FirstBlockToken !== undefined])).toEqual([
      [1, true],
      [3, true],
      [7, false],
    ]);
    const [first, second, third] = ChangedBlocks;
    expect((await read(FirstSnapshotId, 1, first?.FirstBlockToken)).equals(a)).toBe(true);
    expect((await read(SecondSnapshotId, 3, second?.SecondBlockToken)).equals(zero)).toBe(true);
    expect((await read(SecondSnapshotId, 7, third?.SecondBlockToken)).equals(b)).toBe(true);
    const unrelated = await written(ebs, { 1: b });
    expect(await refusal(ebs.listChangedBlocks({ FirstSnapshotId: unrelated, SecondSnapshotId }))).toEqual([
      'ValidationException',
      'UNRELATED_SNAPSHOTS',
      400,
    ]);
  });

  it('comes in pages, from the block that is asked for', async () => {
    const content = Object.fromEntries(Array.from({ length: 120 }, (_, at) => [at * 2, random()]));
    const SnapshotId = await written(ebs, content);
    const page = await ebs.listSnapshotBlocks({ SnapshotId, MaxResults: 100 });
    expect(page.Blocks).toHaveLength(100);
    const rest = await ebs.listSnapshotBlocks({
      SnapshotId,
      NextToken: page.NextToken,
      StartingBlockIndex: 0,
    });
    expect(rest.Blocks?.map(({ BlockIndex }) => BlockIndex)).toEqual(
      Array.from({ length: 20 }, (_, at) => 200 + at * 2),
    );
    expect(rest.NextToken).toBeUndefined();
    const from = await ebs.listSnapshotBlocks({ SnapshotId, StartingBlockIndex: 231 });
    expect(from.Blocks?.map(({ BlockIndex }) => BlockIndex)).toEqual([232, 234, 236, 238]);
    expect(await refusal(ebs.listSnapshotBlocks({ SnapshotId, MaxResults: 99 }))).toEqual([
      'ValidationException',
      'INVALID_PARAMETER_VALUE',
      400,
    ]);
    const other = await written(ebs, { 0: random() });
    expect(await refusal(ebs.listSnapshotBlocks({ SnapshotId: other, NextToken: page.NextToken }))).toEqual([
      'ValidationException',
      'INVALID_PAGE_TOKEN',
      400,
    ]);
  });

  it('takes a block token for its block alone, and only for a week', async () => {
    const SnapshotId = await written(ebs, { 1: random(), 2: random() });
    const other = await written(ebs, { 1: random() });
    const { Blocks = [], ExpiryTime } = await ebs.listSnapshotBlocks({ SnapshotId });
    const BlockToken = Blocks[0]?.BlockToken;
    const invalid = ['ValidationException', 'INVALID_BLOCK_TOKEN', 400];
    expect(await refusal(ebs.getSnapshotBlock({ SnapshotId, BlockIndex: 2, BlockToken }))).toEqual(invalid);
    expect(await refusal(ebs.getSnapshotBlock({ SnapshotId: other, BlockIndex: 1, BlockToken }))).toEqual(
      invalid,
    );
    const forged = `${BlockToken?.startsWith('A') ? 'B' : 'A'}${BlockToken?.slice(1)}`;
    expect(await refusal(ebs.getSnapshotBlock({ SnapshotId, BlockIndex: 1, BlockToken: forged }))).toEqual(
      invalid,
    );
    expect(ExpiryTime?.getTime()).toBeGreaterThan(now.getTime() + 6 * 86_400_000);
    await read(SnapshotId, 1, BlockToken);
    now = new Date((ExpiryTime?.getTime() ?? 0) + 1_000);
    expect(await refusal(ebs.getSnapshotBlock({ SnapshotId, BlockIndex: 1, BlockToken }))).toEqual(invalid);
    now = new Date();
  });
});

describe('permissions', () => {
  it('another account reads what is shared with it, and writes nothing', async () => {
    const SnapshotId = await written(ebs, { 1: random() });
    const others = rig.ebs(rig.stranger);
    const denied = ['AccessDeniedException', 'UNAUTHORIZED_ACCOUNT', 403];
    expect(await refusal(others.listSnapshotBlocks({ SnapshotId }))).toEqual(denied);
    await rig.ec2().modifySnapshotAttribute({
      SnapshotId,
      Attribute: 'createVolumePermission',
      OperationType: 'add',
      UserIds: [rig.stranger.accountId],
    });
    expect((await others.listSnapshotBlocks({ SnapshotId })).Blocks).toHaveLength(1);
    const { SnapshotId: pending = '' } = await ebs.startSnapshot({ VolumeSize: 1 });
    expect(await refusal(put(others, pending, 0, random()))).toEqual(denied);
    expect(await refusal(others.completeSnapshot({ SnapshotId: pending, ChangedBlocksCount: 0 }))).toEqual(
      denied,
    );
  });

  it('a pending snapshot has no blocks to read, and one that was deleted is not there', async () => {
    const { SnapshotId = '' } = await ebs.startSnapshot({ VolumeSize: 1 });
    expect(await refusal(ebs.listSnapshotBlocks({ SnapshotId }))).toEqual([
      'ValidationException',
      'INVALID_SNAPSHOT_ID',
      400,
    ]);
    await rig.ec2().deleteSnapshot({ SnapshotId });
    expect(await refusal(ebs.listSnapshotBlocks({ SnapshotId }))).toEqual([
      'ResourceNotFoundException',
      'SNAPSHOT_NOT_FOUND',
      404,
    ]);
  });

  it('a wrong key or a foreign service is refused before anything is looked at', async () => {
    const wrong = { ...rig.stranger, secretAccessKey: 'not the one' };
    expect((await refusal(rig.ebs(wrong).startSnapshot({ VolumeSize: 1 })))[0]).toBe(
      'InvalidSignatureException',
    );
    const unknown = { ...rig.stranger, accessKeyId: 'AKIAUNKNOWN0000000000' };
    expect((await refusal(rig.ebs(unknown).startSnapshot({ VolumeSize: 1 })))[0]).toBe(
      'UnrecognizedClientException',
    );
    expect((await fetch(`${rig.endpoint}/snapshots/snap-1/blocks`)).status).toBe(403);
  });

  it('an account has at most twenty snapshots pending', async () => {
    const others = rig.ebs(rig.stranger);
    for (let started = 0; started < 20; started++) await others.startSnapshot({ VolumeSize: 1 });
    expect((await refusal(others.startSnapshot({ VolumeSize: 1 })))[0]).toBe(
      'ConcurrentLimitExceededException',
    );
  });
});
