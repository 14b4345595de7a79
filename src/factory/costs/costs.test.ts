import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EBS } from '@aws-sdk/client-ebs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { tagKeys } from '../aws/tags.ts';
import type { Place } from '../retention/references.ts';
import { openTestFactory, type TestFactory } from '../testing/test-factory.ts';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import { checkBudget } from './budgets.ts';
import { blockBytes } from './count-blocks.ts';
import { listBudgets, removeBudget, setBudget } from './kept-budgets.ts';
import { listCosts, sumOf, sumsBy } from './list-costs.ts';
import type { CostParts } from './parts.ts';
import { listProjects } from './project-costs.ts';
import { imageOf, writtenSnapshot } from './testing/written-image.ts';

// A busy machine takes several times as long.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const region = 'us-east-1';
let cloud: TestTarget;
let opened: TestFactory;
let parts: CostParts;
let place: Place;

beforeAll(async () => {
  cloud = await openTestTarget();
  place = { target: cloud.target, region };
});
afterAll(() => cloud.close());
beforeEach(async () => {
  opened = await openTestFactory(cloud);
  parts = opened.factory;
});
afterEach(async () => {
  const ec2 = await cloud.target.client(region);
  const { Images = [] } = await ec2.describeImages({ Owners: ['self'] });
  for (const { ImageId } of Images) await ec2.deregisterImage({ ImageId, DeleteAssociatedSnapshots: true });
  await opened.close();
});

const web = { [tagKeys.template]: 'web', [tagKeys.project]: 'imaging' };
const costs = (more: { readonly template?: string; readonly project?: string } = {}) =>
  listCosts(parts, { target: 'local', region, ...more });

/** Two versions of a template, of which the second changed one block and added another. */
async function twoVersions() {
  const first = await writtenSnapshot(place, { blocks: { 0: 'a', 1: 'b', 2: 'c' } });
  await imageOf(place, { name: 'web-1', snapshotId: first, tags: { ...web, [tagKeys.version]: 'v1' } });
  const second = await writtenSnapshot(place, { parent: first, blocks: { 1: 'B', 7: 'd' } });
  await imageOf(place, { name: 'web-2', snapshotId: second, tags: { ...web, [tagKeys.version]: 'v2' } });
}

test('blocks that an older version holds are counted once: the sizes add up to what is stored', async () => {
  await twoVersions();
  const { images } = await costs();
  expect(
    images.map(({ name, version, counted, storedBytes }) => [name, version, counted, storedBytes]),
  ).toEqual([
    ['web-1', 'v1', 'blocks', 3 * blockBytes],
    ['web-2', 'v2', 'unique-blocks', 2 * blockBytes],
  ]);
  expect(sumOf(images)).toMatchObject({ images: 2, storedBytes: 5 * blockBytes });
  expect(images[0]?.storagePerMonth).toBeCloseTo((3 * blockBytes * 0.05) / 1024 ** 3, 12);
});

test('images cost together by template and by project, and one that is of none is in no sum', async () => {
  await twoVersions();
  const snapshotId = await writtenSnapshot(place, { blocks: { 0: 'x' } });
  await imageOf(place, { name: 'loose', snapshotId });
  const { images } = await costs();
  expect(sumsBy(images, ({ template }) => template)).toMatchObject([{ name: 'web', images: 2 }]);
  expect(sumsBy(images, ({ project }) => project)).toMatchObject([
    { name: 'imaging', images: 2, storedBytes: 5 * blockBytes },
  ]);
  expect(sumOf(images).storedBytes).toBe(6 * blockBytes);
  expect((await costs({ project: 'imaging' })).images).toHaveLength(2);
  expect((await costs({ template: 'other' })).images).toEqual([]);
});

test('a snapshot that two images stand on is stored once, and counted for the older', async () => {
  const snapshotId = await writtenSnapshot(place, { blocks: { 0: 'a', 1: 'b' } });
  await imageOf(place, { name: 'older', snapshotId });
  await imageOf(place, { name: 'younger', snapshotId });
  const { images } = await costs();
  expect(images.map(({ storedBytes }) => storedBytes).sort()).toEqual([0, 2 * blockBytes]);
});

test('where the target tells no blocks its whole disk counts, and it is said', async () => {
  await twoVersions();
  const nobody = { accessKeyId: 'AKIANOBODY', secretAccessKey: 'none' };
  const ebs = new EBS({ region, endpoint: cloud.url, credentials: nobody });
  const target = { ...cloud.target, ebs: async () => ebs };
  parts = { ...parts, targets: { ...parts.targets, get: async () => target } } as unknown as CostParts;
  const { images } = await costs();
  expect(images.map(({ counted, storedBytes }) => [counted, storedBytes])).toEqual([
    ['full-size', 1024 ** 3],
    ['full-size', 1024 ** 3],
  ]);
});

test('a region that does not answer is told, and is not nothing', async () => {
  const target = { ...cloud.target, client: () => Promise.reject(new Error('no route')) };
  parts = { ...parts, targets: { ...parts.targets, get: async () => target } } as unknown as CostParts;
  expect(await costs()).toMatchObject({ images: [], unanswered: [{ region, reason: 'no route' }] });
});

test("the owner's prices count at once", async () => {
  await twoVersions();
  const own =
    'targets:\n  local:\n    source: Ours\n    date: 2026-01-01\n    regions: { any: { storage_per_gib_month: 1 } }\n';
  await writeFile(join(opened.directory, 'prices.yaml'), own);
  const { images, prices } = await costs();
  expect(prices).toMatchObject({ billed: true, date: '2026-01-01' });
  expect(images[0]?.storagePerMonth).toBeCloseTo((3 * blockBytes) / 1024 ** 3, 12);
});

test('a budget warns or refuses, as it was set, and one that is near is told', async () => {
  await twoVersions();
  const now = sumOf((await costs()).images).storagePerMonth;
  const check = (added: number) => checkBudget(parts, 'imaging', added);
  expect(await check(1e9)).toEqual({ state: 'within' });

  const budget = { project: 'imaging', perMonth: now * 10, over: 'warn', by: 'ann' } as const;
  await setBudget(opened.factory, budget);
  expect(await check(now)).toEqual({ state: 'within' });
  expect(await check(now * 8)).toMatchObject({ state: 'warned', message: expect.stringContaining('near') });
  expect(await check(now * 10)).toMatchObject({
    state: 'warned',
    message: expect.stringContaining('beyond'),
  });

  await setBudget(opened.factory, { ...budget, over: 'refuse' });
  expect(await check(now * 10)).toMatchObject({
    state: 'refused',
    message: expect.stringContaining('ingot project budget imaging'),
  });
  expect(await checkBudget(parts, 'other', 1e9)).toEqual({ state: 'within' });
  expect(await listBudgets(opened.factory)).toMatchObject([{ project: 'imaging', over: 'refuse' }]);

  await removeBudget(opened.factory, 'imaging');
  expect(await check(1e9)).toEqual({ state: 'within' });
  await expect(removeBudget(opened.factory, 'imaging')).rejects.toThrow('has no budget');
});

test('a budget that refuses refuses too where not all can be counted', async () => {
  await setBudget(opened.factory, { project: 'imaging', perMonth: 100, over: 'refuse', by: 'ann' });
  const target = { ...cloud.target, client: () => Promise.reject(new Error('no route')) };
  parts = { ...parts, targets: { ...parts.targets, get: async () => target } } as unknown as CostParts;
  expect(await checkBudget(parts, 'imaging', 0)).toMatchObject({
    state: 'refused',
    message: expect.stringContaining('us-east-1 of local'),
  });
});

test('projects are listed with what they cost, those without an image too', async () => {
  await twoVersions();
  await setBudget(opened.factory, { project: 'empty', perMonth: 5, over: 'warn', by: 'ann' });
  const { projects } = await listProjects(parts);
  expect(projects).toMatchObject([
    { project: 'imaging', images: 2 },
    { project: 'empty', images: 0, storagePerMonth: 0, budget: { perMonth: 5 } },
  ]);
});
