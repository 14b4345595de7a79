import type { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findVersions } from '../registry/find-versions.ts';
import { recordVersion } from '../registry/record-version.ts';
import { newVersion } from '../registry/testing/registry.ts';
import { openTestFactory, type TestFactory } from '../testing/test-factory.ts';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import { imageCopyEnded } from './find-copy.ts';
import { shareImages } from './share-images.ts';
import { startCopy } from './start-copy.ts';

const [home, west, east] = ['us-east-1', 'us-west-2', 'us-east-2'] as const;
const account = '210987654321';
let cloud: TestTarget;
let opened: TestFactory;
let made = 0;
const client = (region: string): Promise<EC2> => cloud.target.client(region);

beforeAll(async () => {
  cloud = await openTestTarget();
});
afterAll(() => cloud.close());

beforeEach(async () => {
  opened = await openTestFactory(cloud);
  return () => opened.close();
});

async function image(region: string = home) {
  made += 1;
  const name = `shared-${made}`;
  const { ImageId: imageId = '' } = await (await client(region)).copyImage({
    Name: name,
    SourceImageId: cloud.baseImages[home] ?? '',
    SourceRegion: home,
    TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'team', Value: 'lab' }] }],
  });
  return { name, imageId };
}

async function copy(name: string, copyTo: readonly string[]) {
  const id = await startCopy(opened.factory, { name, target: 'local', region: home, copyTo });
  return await imageCopyEnded(opened.factory, id);
}

test('a version is copied with its name and tags, and is that version in each region', async () => {
  const { name, imageId } = await image();
  await recordVersion(opened.factory.db, newVersion({ version: 'v1', imageId }));
  const done = await copy('web@v1', [west, east, home]);
  expect(done).toMatchObject({ status: 'completed', imageId, imageName: name });
  for (const { region, imageId: copyId = '' } of done.regions) {
    const { Images: [found] = [] } = await (await client(region)).describeImages({ ImageIds: [copyId] });
    expect(found).toMatchObject({ Name: name, State: 'available' });
    expect(found?.Tags).toContainEqual({ Key: 'team', Value: 'lab' });
    expect(found?.Tags).toContainEqual({ Key: 'ingot:copied-from', Value: `${home} ${imageId}` });
  }
  const versions = await findVersions(opened.factory.db.read, { target: 'local', template: 'web' });
  expect(versions.map(({ region, version, proven }) => `${region} ${version} ${proven}`).sort()).toEqual([
    `${home} v1 true`,
    `${east} v1 true`,
    `${west} v1 true`,
  ]);
});

test('of two regions one fails: the other is good, and asking again finishes the one', async () => {
  const { name, imageId } = await image();
  const inTheWay = await (await client(west)).copyImage({
    Name: name,
    SourceImageId: cloud.baseImages[home] ?? '',
    SourceRegion: home,
  });
  const first = await copy(imageId, [west, east]);
  expect(first.status).toBe('partial');
  const good = first.regions.find(({ region }) => region === east);
  expect(good).toMatchObject({ status: 'completed', imageId: expect.stringMatching(/^ami-/) });
  expect(first.regions.find(({ region }) => region === west)).toMatchObject({
    status: 'failed',
    error: `The name ${name} is taken by ${inTheWay.ImageId}`,
  });
  const ran = await (await client(east)).runInstances({ ImageId: good?.imageId, MinCount: 1, MaxCount: 1 });
  const ids = (ran.Instances ?? []).map(({ InstanceId = '' }) => InstanceId);
  await (await client(east)).terminateInstances({ InstanceIds: ids });
  await (await client(west)).deregisterImage({ ImageId: inTheWay.ImageId });
  const again = await copy(imageId, [west, east]);
  expect(again.status).toBe('completed');
  expect(again.regions).toMatchObject([
    { region: east, status: 'present', imageId: good?.imageId },
    { region: west, status: 'completed' },
  ]);
});

test('a copy to where the image is, or to a region that the target has not, is refused', async () => {
  const { imageId } = await image();
  await expect(copy(imageId, [home])).rejects.toThrow(`${imageId} is in ${home} already`);
  await expect(copy(imageId, ['mars-1'])).rejects.toThrow("has no region 'mars-1'");
});

test('accounts may launch a version in every region where it is, until they may not', async () => {
  for (const region of [home, west]) {
    const { imageId } = await image(region);
    await recordVersion(opened.factory.db, newVersion({ version: 'v1', imageId, region }));
  }
  const nobody = { accounts: [], public: false };
  const with_ = { accounts: [account], public: false };
  const share = (add: typeof with_, remove: typeof with_) =>
    shareImages(opened.factory, { reference: 'web@v1', target: 'local', add, remove });
  expect((await share(with_, nobody)).map(({ now }) => now)).toEqual([with_, with_]);
  const asked = await share(nobody, nobody);
  expect(asked.map(({ now, problem }) => ({ now, problem }))).toEqual([with_, with_].map((now) => ({ now })));
  expect((await share(nobody, with_)).map(({ now }) => now)).toEqual([nobody, nobody]);
});

test("an image is public unless the account's block is on, and then the refusal says how to lift it", async () => {
  const { imageId } = await image(west);
  const everybody = { accounts: [], public: true };
  const share = () =>
    shareImages(opened.factory, {
      ...{ reference: imageId, target: 'local', add: everybody, remove: { accounts: [], public: false } },
    });
  const ec2 = await client(west);
  await ec2.enableImageBlockPublicAccess({ ImageBlockPublicAccessState: 'block-new-sharing' });
  const [refused] = await share();
  expect(refused).toMatchObject({ region: west, now: { public: false } });
  expect(refused?.problem).toContain(`aws ec2 disable-image-block-public-access --region ${west}`);
  await ec2.disableImageBlockPublicAccess({});
  expect(await share()).toEqual([{ region: west, imageId, now: everybody }]);
});

test('an account that is none is refused in the words of the target', async () => {
  const { imageId } = await image();
  const [shared] = await shareImages(opened.factory, {
    ...{ reference: imageId, target: 'local', region: home },
    ...{ add: { accounts: ['12'], public: false }, remove: { accounts: [], public: false } },
  });
  expect(shared?.problem).toMatch(/^Invalid/);
});
