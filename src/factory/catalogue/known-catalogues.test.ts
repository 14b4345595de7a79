import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { recordVersion } from '../registry/record-version.ts';
import { newVersion } from '../registry/testing/registry.ts';
import { openTestFactory, type TestFactory } from '../testing/test-factory.ts';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import {
  addCatalogue,
  browseCatalogue,
  catalogueEntry,
  inspectCatalogue,
  listCatalogues,
  removeCatalogue,
} from './known-catalogues.ts';
import { publicationEnded, startPublication } from './publications.ts';
import { unpublish } from './unpublish.ts';

let cloud: TestTarget;
let opened: TestFactory;
let directory: string;
let imageId: string;

beforeAll(async () => {
  cloud = await openTestTarget();
});
afterAll(() => cloud.close());

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-known-'));
  opened = await openTestFactory(cloud);
  imageId = cloud.baseImages['us-east-1'] ?? '';
  await recordVersion(opened.factory.db, newVersion({ version: 'v1', imageId }));
  return async () => {
    await opened.close();
    await rm(directory, { recursive: true });
  };
});

const folder = () => join(directory, 'catalogue');

async function publish(
  given: { readonly reference: string } & Partial<Parameters<typeof startPublication>[1]>,
) {
  const usual = {
    target: 'local',
    folder: folder(),
    name: 'lab',
    description: 'What the lab shares',
    disks: false,
  };
  return await publicationEnded(
    opened.factory,
    await startPublication(opened.factory, { ...usual, ...given }),
  );
}

test('a published version is added by the key of its publisher, browsed and read', async () => {
  const { factory } = opened;
  const { published } = await publish({ reference: 'web@v1' });
  const ownerId = expect.stringMatching(/^\d{12}$/);
  expect(published?.entries[0]?.images).toEqual([{ region: 'us-east-1', imageId, ownerId }]);
  // Base images are public.
  expect(published?.closed).toEqual([]);
  const { fingerprint, location } = await inspectCatalogue(folder());
  expect(published?.fingerprint).toBe(fingerprint);
  await addCatalogue(factory, location, fingerprint);
  expect(await listCatalogues(factory)).toMatchObject([{ name: 'lab', location, fingerprint }]);
  const { catalogue } = await browseCatalogue(factory, 'lab');
  expect(catalogue.entries).toMatchObject([{ template: 'web', version: 'v1', architecture: 'x86_64' }]);
  const wanted = { template: 'web', version: 'v1', architecture: 'x86_64' } as const;
  expect(await catalogueEntry(factory, 'lab', wanted)).toMatchObject({ sshUser: 'ec2-user', proven: true });
  await removeCatalogue(factory, 'lab');
  await expect(browseCatalogue(factory, 'lab')).rejects.toThrow(
    'No catalogue lab is known here. There are: none',
  );
});

test("a catalogue is not added by another key's fingerprint", async () => {
  await publish({ reference: 'web@v1' });
  const added = addCatalogue(opened.factory, folder(), 'SHA256:somebody-else');
  await expect(added).rejects.toThrow(/is signed by SHA256:\S+, not by SHA256:somebody-else/);
  expect(await listCatalogues(opened.factory)).toEqual([]);
});

test('an unproven version is not published unless that is wanted, and nothing is written', async () => {
  const own = await ownImage();
  const { proof: _, ...unproven } = newVersion({ version: 'v2', imageId: own });
  await recordVersion(opened.factory.db, unproven);
  await expect(publish({ reference: 'web@v2' })).rejects.toThrow('has no proof');
  await expect(inspectCatalogue(folder())).rejects.toThrow("can't be read");
  expect((await publish({ reference: 'web@v2', unproven: true })).status).toBe('completed');
});

test('an own image that is no version is published under the name that it is given', async () => {
  const own = await ownImage();
  await expect(publish({ reference: own })).rejects.toThrow('--as TEMPLATE@VERSION');
  await expect(publish({ reference: own, as: 'box' })).rejects.toThrow("'box' is no TEMPLATE@VERSION");
  const { published } = await publish({ reference: own, as: 'box@2026', unproven: true });
  expect(published).toMatchObject({
    entries: [{ template: 'box', version: '2026', images: [{ imageId: own }], hasDisks: false }],
    closed: [`${own} (us-east-1)`],
  });
  const asked = publish({ reference: imageId, as: 'base@v1', unproven: true });
  await expect(asked).rejects.toThrow(`${imageId} is web@v1 already`);
  const others = publish({ reference: 'tiny', region: 'us-west-2', as: 'base@v1', unproven: true });
  await expect(others).rejects.toThrow('only own images are published');
});

test('what is unpublished is listed no more, and its images are no longer kept for it', async () => {
  const { factory } = opened;
  await publish({ reference: 'web@v1' });
  await expect(unpublish(factory, { folder: folder(), template: 'web', version: 'v9' })).rejects.toThrow(
    `${folder()} has no web@v9. There are: web@v1`,
  );
  await unpublish(factory, { folder: folder(), template: 'web', version: 'v1' });
  expect((await inspectCatalogue(folder())).catalogue.entries).toEqual([]);
  expect(await factory.db.read.selectFrom('publications').selectAll().execute()).toEqual([]);
});

async function ownImage(): Promise<string> {
  const { ImageId = '' } = await (await cloud.target.client('us-east-1')).copyImage({
    Name: `own-${Date.now()}`,
    SourceImageId: imageId,
    SourceRegion: 'us-east-1',
  });
  return ImageId;
}
