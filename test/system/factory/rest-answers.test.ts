/** What the API answers is as its document says, also where nothing is there yet; the rig holds each answer against it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FactoryRig, openFactoryRig } from './factory-rig.ts';

let rig: FactoryRig;

beforeAll(async () => {
  rig = await openFactoryRig();
});

afterAll(async () => {
  await rig.close();
});

test.each([
  '/policy',
  '/prices',
  '/projects',
  '/catalogues',
  '/targets',
  '/templates',
  '/cache',
  '/rebuilds',
  '/notifications',
  '/notifications/receivers',
  '/deployments',
  '/registry/registry.json',
  '/registry/channel-history',
  '/ami/list',
  '/ami/bin',
  '/ami/costs',
  '/ami/creations',
  '/ami/resolve?name=tiny',
  '/ami/resolve?name=nothing',
  '/ami/preview?name=tiny',
  '/launches/usage',
  '/audit',
  '/tokens',
])('GET %s answers as the document says', async (path) => {
  expect((await rig.ask('GET', path)).status).toBe(200);
});

test.each([
  '/builds/build-0/login',
  '/builds/build-0/events',
  '/deployments/none/login',
  '/deployments/none/events',
  '/ami/status/none',
  '/ami/copy/none',
  '/ami/test/none',
  '/fetches/none',
  '/ami/publish/none',
  '/catalogues/none/entries',
  '/registry/sbom?reference=nothing',
])('GET %s is told to be nothing', async (path) => {
  expect(await rig.ask('GET', path)).toMatchObject({ status: 404, body: { code: 'not-found' } });
});

test.each([
  ['/ami/cleanup', {}, 200],
  ['/ami/copy', { name: 'nothing', regions: ['eu-west-1'] }, 404],
  ['/ami/test', { name: 'nothing' }, 404],
  ['/registry/rollback', { template: 'nothing' }, 404],
  ['/registry/unrevoke', { reference: 'nothing' }, 404],
  ['/rebuilds/check', {}, 200],
] as const)('POST %s answers as the document says', async (path, body, status) => {
  const answer = await rig.ask('POST', path, body);
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status });
});
