/** Images between two clouds, over HTTP and through the official clients alone, as `ingot image push` and `pull` send them. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Image } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createStages } from '../../src/cli/stages.ts';
import { type CloudEnd, nearEnd } from '../../src/cli/transfer/cloud-end.ts';
import { sendImage } from '../../src/cli/transfer/send-image.ts';
import { blockBytes, type EbsRig, shaOf, startEbs, written } from './ebs-rig.ts';
import { testKey, testRegion } from './gateway-rig.ts';

interface Place {
  readonly rig: EbsRig;
  readonly end: CloudEnd;
}

let home: string;
let here: Place;
let there: Place;
const said: string[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ingot-transfer-'));
  here = await openPlace();
  there = await openPlace();
  said.length = 0;
});
afterEach(async () => {
  await here.rig.close();
  await there.rig.close();
  await rm(home, { recursive: true });
});

async function openPlace(options: Parameters<typeof startEbs>[0] = {}): Promise<Place> {
  const rig = await startEbs(options);
  const context = { home, url: rig.endpoint, token: '', credentials: testKey, region: testRegion };
  return { rig, end: await nearEnd(context, testRegion) };
}

const random = () => randomBytes(blockBytes);
type Content = Readonly<Record<number, Buffer>>;

async function makeImage(place: Place, name: string, content: Content, parent?: string) {
  const { rig, end } = place;
  const root = await written(rig.ebs(), content, parent === undefined ? {} : { parent });
  const { ImageId = '' } = await end.ec2.registerImage({
    Name: name,
    Description: 'to be sent',
    Architecture: 'x86_64',
    VirtualizationType: 'hvm',
    EnaSupport: true,
    BootMode: 'uefi',
    BlockDeviceMappings: [
      { DeviceName: '/dev/sda1', Ebs: { SnapshotId: root, VolumeType: 'gp3', DeleteOnTermination: true } },
      { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 3, VolumeType: 'gp3' } },
    ],
    TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'team', Value: 'a' }] }],
  });
  return { root, image: await imageOf(place, ImageId) };
}

async function imageOf({ end }: Place, id: string): Promise<Image> {
  const { Images: [image] = [] } = await end.ec2.describeImages({ ImageIds: [id] });
  if (image === undefined) throw new Error(`There is no ${id}`);
  return image;
}

/** The image's new id, and how many blocks went over. */
async function send(
  image: Image,
  from: Place,
  to: Place,
  options: { name?: string; parallel?: number } = {},
) {
  const before = puts(to);
  const id = await sendImage({
    ...{ image, home, name: options.name, parallel: options.parallel ?? 4 },
    from: from.end,
    to: to.end,
    stages: createStages({ quiet: true }),
    say: (text) => said.push(text),
  });
  return { id, blocks: puts(to) - before };
}

const counts = new Map<CloudEnd, number>();
/** Counted where the client sends them. */
function puts({ end }: Place): number {
  if (!counts.has(end)) {
    counts.set(end, 0);
    end.ebs.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const result = await next(args);
          if (commandName === 'PutSnapshotBlockCommand') counts.set(end, (counts.get(end) ?? 0) + 1);
          return result;
        },
      { step: 'initialize' },
    );
  }
  return counts.get(end) ?? 0;
}

function rootOf(image: Image): string {
  return (
    image.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === '/dev/sda1')?.Ebs?.SnapshotId ?? ''
  );
}

/** By index, what each block that isn't all zeros hashes to. */
async function contentOf({ rig }: Place, SnapshotId: string): Promise<ReadonlyMap<number, string>> {
  const ebs = rig.ebs();
  const { Blocks = [] } = await ebs.listSnapshotBlocks({ SnapshotId });
  const content = new Map<number, string>();
  for (const { BlockIndex = 0, BlockToken } of Blocks) {
    const { BlockData } = await ebs.getSnapshotBlock({ SnapshotId, BlockIndex, BlockToken });
    const block = Buffer.from((await BlockData?.transformToByteArray()) ?? []);
    if (!block.equals(Buffer.alloc(blockBytes))) content.set(BlockIndex, shaOf(block));
  }
  return content;
}

it('an image arrives with its content, attributes and tags, and says where it came from', async () => {
  const { image, root } = await makeImage(here, 'web', { 0: random(), 9: random(), 2047: random() });
  const { id, blocks } = await send(image, here, there);
  expect(blocks).toBe(3);
  const sent = await imageOf(there, id);
  expect(sent).toMatchObject({
    Name: 'web',
    Description: 'to be sent',
    Architecture: 'x86_64',
    BootMode: 'uefi',
    EnaSupport: true,
    RootDeviceName: '/dev/sda1',
    State: 'available',
  });
  expect(sent.Tags).toEqual(
    expect.arrayContaining([
      { Key: 'team', Value: 'a' },
      { Key: 'ingot:source-image', Value: image.ImageId },
    ]),
  );
  expect(sent.BlockDeviceMappings?.[1]?.Ebs).toMatchObject({ VolumeSize: 3, VolumeType: 'gp3' });
  const { Snapshots } = await there.end.ec2.describeSnapshots({ SnapshotIds: [rootOf(sent)] });
  expect(Snapshots?.[0]?.Tags).toContainEqual({ Key: 'ingot:source-snapshot', Value: root });
  expect(await contentOf(there, rootOf(sent))).toEqual(await contentOf(here, root));
  expect(await readdir(join(home, 'transfers'))).toEqual([]);
});

it('sent again it is found, and under another name only registered', async () => {
  const { image } = await makeImage(here, 'web', { 0: random() });
  const { id } = await send(image, here, there);
  expect(await send(image, here, there)).toEqual({ id, blocks: 0 });
  expect(said).toEqual([expect.stringContaining('web is at')]);
  const other = await send(image, here, there, { name: 'web-2' });
  expect(other.blocks).toBe(0);
  expect(other.id).not.toBe(id);
});

it('only what changed since the parent is sent, zeros too', async () => {
  const base = await makeImage(here, 'base', { 0: random(), 1: random(), 2: random() });
  await send(base.image, here, there);
  const next = await makeImage(here, 'next', { 1: Buffer.alloc(blockBytes), 7: random() }, base.root);
  const { id, blocks } = await send(next.image, here, there);
  expect(blocks).toBe(2);
  expect(await contentOf(there, rootOf(await imageOf(there, id)))).toEqual(await contentOf(here, next.root));
});

it('what goes on there comes back by what changed, and what did not change is here already', async () => {
  const base = await makeImage(here, 'base', { 0: random(), 1: random() });
  const sent = await imageOf(there, (await send(base.image, here, there)).id);
  const back = await send(sent, there, here, { name: 'back' });
  expect(back.blocks).toBe(0);
  expect(rootOf(await imageOf(here, back.id))).toBe(base.root);
  const next = await makeImage(there, 'next', { 5: random() }, rootOf(sent));
  const pulled = await send(next.image, there, here);
  expect(pulled.blocks).toBe(1);
  expect(await contentOf(here, rootOf(await imageOf(here, pulled.id)))).toEqual(
    await contentOf(there, next.root),
  );
});

it('a transfer that was interrupted goes on where it was', async () => {
  const content = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [index, random()]));
  const { image, root } = await makeImage(here, 'web', content);
  let left = 12;
  there.end.ebs.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'PutSnapshotBlockCommand' && left-- <= 0) throw new Error('the cable was pulled');
        return await next(args);
      },
    { step: 'initialize', name: 'cable' },
  );
  await expect(send(image, here, there)).rejects.toThrow('the cable was pulled');
  there.end.ebs.middlewareStack.remove('cable');
  const { id, blocks } = await send(image, here, there);
  expect(blocks).toBe(8);
  const { Snapshots } = await there.end.ec2.describeSnapshots({ OwnerIds: ['self'] });
  expect(Snapshots).toHaveLength(1);
  expect(await contentOf(there, rootOf(await imageOf(there, id)))).toEqual(await contentOf(here, root));
});

it('a far end that throttles is waited for', async () => {
  await there.rig.close();
  there = await openPlace({ maxConcurrent: 2 });
  const content = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [index, random()]));
  const { image, root } = await makeImage(here, 'web', content);
  const { id } = await send(image, here, there, { parallel: 8 });
  expect(await contentOf(there, rootOf(await imageOf(there, id)))).toEqual(await contentOf(here, root));
});

it('a name that another image has is refused before anything is sent', async () => {
  const { image } = await makeImage(here, 'web', { 0: random() });
  await makeImage(there, 'web', { 0: random() });
  await expect(send(image, here, there)).rejects.toThrow("another image named 'web'");
  expect((await there.end.ec2.describeSnapshots({ OwnerIds: ['self'] })).Snapshots).toHaveLength(1);
});
