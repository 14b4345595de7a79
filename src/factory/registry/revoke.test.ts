import { DescribeImagesCommand, type EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FactoryError } from '../factory-error.ts';
import type { Target, Targets } from '../targets/target.ts';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import { ancestryOf } from './ancestry.ts';
import { currentVersion } from './current-version.ts';
import { findVersions } from './find-versions.ts';
import { promote } from './promote.ts';
import { parseReference } from './reference.ts';
import { revocationImpact, revoke } from './revoke.ts';
import { channelMoves } from './set-channel.ts';
import { openTestRegistry, type TestRegistry } from './testing/registry.ts';
import { unrevoke } from './unrevoke.ts';
import type { Provenance } from './version.ts';

const region = 'us-east-1';
let cloud: TestTarget;
let ec2: EC2Client;
let registry: TestRegistry;

beforeAll(async () => {
  cloud = await openTestTarget();
  ec2 = await cloud.target.client(region);
}, 120_000);

afterAll(() => cloud.close());

beforeEach(async () => {
  registry = await openTestRegistry();
});

afterEach(() => registry.close());

function context(target: Target = cloud.target) {
  const targets = { get: async () => target, list: async () => [target] } as unknown as Targets;
  return { db: registry.db, targets, now: () => new Date('2026-03-01T00:00:00.000Z') };
}

/** An image of the cloud, made from the base by way of a machine. */
async function image(): Promise<string> {
  const { CreateImageCommand, waitUntilImageAvailable, waitUntilInstanceRunning } = await import(
    '@aws-sdk/client-ec2'
  );
  const instanceId = await machineOn(cloud.baseImages[region] ?? '');
  await waitUntilInstanceRunning(
    { client: ec2, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { InstanceIds: [instanceId] },
  );
  const Name = `registry-${Math.random().toString(36).slice(2)}`;
  const { ImageId = '' } = await ec2.send(
    new CreateImageCommand({ InstanceId: instanceId, Name, NoReboot: true }),
  );
  await waitUntilImageAvailable(
    { client: ec2, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { ImageIds: [ImageId] },
  );
  return ImageId;
}

async function machineOn(ImageId: string): Promise<string> {
  const request = { ImageId, MinCount: 1, MaxCount: 1, InstanceType: 't3.nano' } as const;
  const { Instances = [] } = await ec2.send(new RunInstancesCommand(request));
  return Instances[0]?.InstanceId ?? '';
}

async function shown(imageId: string) {
  const { Images = [] } = await ec2.send(
    new DescribeImagesCommand({ ImageIds: [imageId], IncludeDisabled: true }),
  );
  const tags = Object.fromEntries((Images[0]?.Tags ?? []).map(({ Key = '', Value }) => [Key, Value]));
  return { state: Images[0]?.State, revoked: tags['ingot:revoked'] };
}

const from = (baseImageId: string): Provenance => ({
  templateDigest: 'sha256:1',
  templateSource: 'name: web\n',
  baseImageId,
  baseName: 'ingot-tiny-x86_64-20260101',
  steps: [],
  inputs: {},
  ingotVersion: '0.1.0',
});

async function promoteTo(reference: string) {
  const given = { target: 'local', channel: 'stable', force: false, by: 'ann', why: '', at: new Date() };
  await promote(registry.db, { ...given, reference: parseReference(reference) });
}

const revoking = (reference: string, descendants = false) => ({
  reference: parseReference(reference),
  target: 'local',
  descendants,
  by: 'ann',
  why: 'it leaks',
});

async function inChannel(channel: string): Promise<string | undefined> {
  const place = { target: 'local', template: 'web', region, architecture: 'x86_64' } as const;
  return (await currentVersion(registry.db.read, { ...place, channel }))?.version;
}

describe('on a cloud', () => {
  test('what runs on a version and what descends from it is found, and asking changes nothing', async () => {
    const imageId = await image();
    await registry.add({ version: 'v1', imageId });
    const child = await registry.add({ version: 'v1', template: 'shop', provenance: from(imageId) });
    const grandchild = await registry.add({ version: 'v2', template: 'shop', provenance: from(child) });
    const instanceId = await machineOn(imageId);
    const impact = await revocationImpact(context(), revoking('web@v1'));
    expect(impact.machines).toMatchObject([{ instanceId, imageId, region }]);
    expect(impact.descendants.map((version) => version.imageId)).toEqual([child, grandchild]);
    expect(impact.channels).toMatchObject([{ channel: 'latest', template: 'web' }]);
    expect(await shown(imageId)).toMatchObject({ state: 'available', revoked: undefined });
    expect(await inChannel('latest')).toBe('v1');
  });

  test('a revoked image is tagged and launches nothing, until it is taken back', async () => {
    const imageId = await image();
    await registry.add({ version: 'v1', imageId });
    const { images } = await revoke(context(), revoking('web@v1'));
    expect(images).toMatchObject([{ imageId, outcome: 'disabled' }]);
    expect(await shown(imageId)).toEqual({ state: 'disabled', revoked: 'it leaks' });
    await expect(machineOn(imageId)).rejects.toThrow();
    await unrevoke(context(), revoking(imageId));
    expect(await shown(imageId)).toEqual({ state: 'available', revoked: undefined });
    expect((await findVersions(registry.db.read, { imageId }))[0]?.revoked).toBeUndefined();
  });

  test('again is no error, and keeps who revoked it first', async () => {
    const imageId = await image();
    await registry.add({ version: 'v1', imageId });
    await revoke(context(), revoking('web@v1'));
    const again = await revoke(context(), { ...revoking('web@v1'), by: 'bob', why: 'me too' });
    expect(again.images).toMatchObject([{ outcome: 'disabled' }]);
    expect((await findVersions(registry.db.read, { imageId }))[0]?.revoked).toMatchObject({ by: 'ann' });
  });

  test('an image that is gone is told so, and the version is revoked all the same', async () => {
    const imageId = await registry.add({ version: 'v1' });
    const { images } = await revoke(context(), revoking('web@v1'));
    expect(images).toMatchObject([{ imageId, outcome: 'gone' }]);
    expect((await findVersions(registry.db.read, { imageId }))[0]?.revoked?.reason).toBe('it leaks');
  });

  test('the ancestry of a version goes on in EC2 where provenance ends', async () => {
    const base = await image();
    await registry.add({ version: 'v1', provenance: from(base) });
    const [version] = await findVersions(registry.db.read, {});
    if (version === undefined) throw new Error('nothing was recorded');
    const { images } = await ancestryOf(context(), version);
    expect(images.map(({ known }) => known)).toEqual(['provenance', 'provenance', 'ec2']);
    expect(images[1]).toMatchObject({ imageId: base, name: 'ingot-tiny-x86_64-20260101' });
    expect(images[2]?.imageId).toBe(cloud.baseImages[region]);
  });
});

describe('without a cloud that answers', () => {
  const silent: Target = {
    name: 'local',
    kind: 'local',
    regions: [region],
    builder: { instanceType: { x86_64: 't3.nano', arm64: 't4g.nano' }, address: 'public', sshSource: '' },
    client: async () => {
      throw new FactoryError('target', 'local does not answer');
    },
    ebs: async () => {
      throw new FactoryError('target', 'local does not answer');
    },
    accountId: async () => '123456789012',
  };

  test('the mark stands, channels go back, and what could not be done is told', async () => {
    for (const version of ['v1', 'v2']) {
      await registry.add({ version });
      await promoteTo(`web@${version}`);
    }
    const { moves, images, unanswered } = await revoke(context(silent), revoking('web@v2'));
    expect(moves.map(({ channel }) => channel).sort()).toEqual(['latest', 'stable']);
    expect(await inChannel('stable')).toBe('v1');
    expect(await inChannel('latest')).toBe('v1');
    expect(images).toMatchObject([{ outcome: 'failed' }]);
    expect(unanswered).toMatchObject([{ region, reason: 'local does not answer' }]);
  });

  test('a channel whose every version is revoked ends, and comes again with the next promotion', async () => {
    await registry.add({ version: 'v1' });
    await promoteTo('web@v1');
    await revoke(context(silent), revoking('web@v1'));
    expect(await inChannel('stable')).toBeUndefined();
    const moves = await channelMoves(registry.db.read, { channel: 'stable' });
    expect(moves.at(-1)).toMatchObject({ action: 'revoked', why: 'it leaks' });
    expect(moves.at(-1)).not.toHaveProperty('toImageId');
    await expect(promoteTo('web@v1')).rejects.toThrow('is revoked: it leaks');
    await registry.add({ version: 'v2' });
    await promoteTo('web@v2');
    expect(await inChannel('stable')).toBe('v2');
  });

  test('descendants are revoked with it when asked for, and channels step over all of them', async () => {
    const base = await registry.add({ version: 'v1', template: 'base' });
    await registry.add({ version: 'v1' });
    await promoteTo('web@v1');
    await registry.add({ version: 'v2', provenance: from(base) });
    await promoteTo('web@v2');
    const { versions, descendants } = await revoke(context(silent), revoking('base@v1', true));
    expect(versions.map(({ template, version }) => `${template}@${version}`)).toEqual(['base@v1', 'web@v2']);
    expect(descendants).toEqual([]);
    expect(await inChannel('stable')).toBe('v1');
  });

  test('what is not revoked cannot be taken back', async () => {
    await registry.add({ version: 'v1' });
    await expect(unrevoke(context(silent), revoking('web@v1'))).rejects.toThrow("web@v1 isn't revoked");
  });
});
