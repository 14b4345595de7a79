import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../platform/database/database.ts';
import { silentLog } from '../../platform/log.ts';
import type { Factory } from '../factory.ts';
import { recordVersion } from '../registry/record-version.ts';
import { newVersion } from '../registry/testing/registry.ts';
import { type FactorySchema, migrations } from '../schema.ts';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import {
  addCatalogue,
  browseCatalogue,
  catalogueEntry,
  inspectCatalogue,
  listCatalogues,
  removeCatalogue,
} from './known-catalogues.ts';
import { publishVersion } from './publish-version.ts';

let cloud: TestTarget;
let directory: string;
let db: Database<FactorySchema>;
let factory: Factory;
let imageId: string;

beforeAll(async () => {
  cloud = await openTestTarget();
});
afterAll(() => cloud.close());

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-known-'));
  db = await openDatabase<FactorySchema>(join(directory, 'factory.db'), migrations);
  factory = {
    db,
    log: silentLog,
    now: () => new Date(),
    targets: { get: async () => cloud.target },
    directories: { templates: [], builds: directory, secrets: join(directory, 'secrets') },
  } as unknown as Factory;
  imageId = cloud.baseImages['us-east-1'] ?? '';
  await recordVersion(db, newVersion({ version: 'v1', imageId }));
  return async () => {
    await db.close();
    await rm(directory, { recursive: true });
  };
});

const publication = (version = 'v1') => ({
  reference: `web@${version}`,
  target: 'local',
  folder: join(directory, 'catalogue'),
  name: 'lab',
  description: 'What the lab shares',
});

test('a published version is added by the key of its publisher, browsed and read', async () => {
  const { closed, entries } = await publishVersion(factory, publication());
  expect(entries[0]?.images).toEqual([{ region: 'us-east-1', imageId, ownerId: '123456789012' }]);
  // Base images are public.
  expect(closed).toEqual([]);
  const { fingerprint, location } = await inspectCatalogue(publication().folder);
  await addCatalogue(factory, location, fingerprint);
  expect(await listCatalogues(factory)).toMatchObject([{ name: 'lab', location, fingerprint }]);
  const { catalogue } = await browseCatalogue(factory, 'lab');
  expect(catalogue.entries).toMatchObject([{ template: 'web', version: 'v1', architecture: 'x86_64' }]);
  const wanted = { template: 'web', version: 'v1', architecture: 'x86_64' } as const;
  expect(await catalogueEntry(factory, 'lab', wanted)).toMatchObject({ sshUser: 'ec2-user' });
  await removeCatalogue(factory, 'lab');
  await expect(browseCatalogue(factory, 'lab')).rejects.toThrow(
    'No catalogue lab is known here. There are: none',
  );
});

test("a catalogue is not added by another key's fingerprint", async () => {
  await publishVersion(factory, publication());
  const added = addCatalogue(factory, publication().folder, 'SHA256:somebody-else');
  await expect(added).rejects.toThrow(/is signed by SHA256:\S+, not by SHA256:somebody-else/);
  expect(await listCatalogues(factory)).toEqual([]);
});

test('an unproven version is not published, and nothing is written', async () => {
  const { proof: _, ...unproven } = newVersion({ version: 'v2', imageId: 'ami-00000000000000009' });
  await recordVersion(db, unproven);
  await expect(publishVersion(factory, publication('v2'))).rejects.toThrow('has no proof');
  await expect(inspectCatalogue(publication().folder)).rejects.toThrow("can't be read");
});
