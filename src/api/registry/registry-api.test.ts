import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Factory } from '../../factory/factory.ts';
import { FactoryError } from '../../factory/factory-error.ts';
import { openTestRegistry, proof, type TestRegistry } from '../../factory/registry/testing/registry.ts';
import { silentLog } from '../../platform/log.ts';
import { type ApiRig, openApiRig } from '../testing/api-rig.ts';

let registry: TestRegistry;
let rig: ApiRig;
let directory: string;
let ask: (path: string, body?: unknown) => Promise<{ readonly status: number; readonly body: never }>;

beforeEach(async () => {
  registry = await openTestRegistry();
  directory = await mkdtemp(join(tmpdir(), 'ingot-registry-api-'));
  const unreachable = async () => {
    throw new FactoryError('target', 'local does not answer');
  };
  // What the registry's routes use of a factory.
  const factory = {
    db: registry.db,
    now: () => new Date('2026-03-01T00:00:00.000Z'),
    log: silentLog,
    targets: { get: unreachable },
    directories: { templates: [join(directory, 'home'), join(directory, 'shipped')], builds: directory },
    workflows: { journals: {} },
    registries: { locations: [], directory, now: () => new Date() },
  } as unknown as Factory;
  rig = await openApiRig(factory);
  ask = async (path, body) => await rig.ask(`/registry/${path}`, { body });
});

afterEach(async () => {
  await registry.close();
  await rig.close();
  await rm(directory, { recursive: true });
});

test('versions are listed newest first, each with its channels', async () => {
  await registry.add({ version: 'v1.9' });
  await registry.add({ version: 'v1.10' });
  await ask('promote', { reference: 'web@v1.9', by: 'ann' });
  expect(await ask('versions?template=web')).toMatchObject({
    status: 200,
    body: {
      versions: [
        { version: 'v1.10', channels: ['latest'], proven: true, ami_id: 'ami-00000000000000002' },
        { version: 'v1.9', channels: ['stable'] },
      ],
    },
  });
});

test('versions and moves of channels have pages', async () => {
  for (const version of ['v1', 'v2', 'v3']) await registry.add({ version });
  const walk = async (list: string, field: 'versions' | 'moves') => {
    const found: unknown[] = [];
    let more = '';
    do {
      const { body } = await ask(`${list}?limit=2${more}`);
      const page = body as Record<typeof field, readonly unknown[]> & {
        readonly next_page_token: string | null;
      };
      found.push(...page[field]);
      more = page.next_page_token === null ? '' : `&page_token=${page.next_page_token}`;
    } while (more !== '');
    return found;
  };
  const names = ['v3', 'v2', 'v1'];
  expect(await walk('versions', 'versions')).toMatchObject(names.map((version) => ({ version })));
  expect(await walk('channel-history', 'moves')).toMatchObject(names.map((to_version) => ({ to_version })));
});

test('refusals have their status and say the way out', async () => {
  await registry.add({ version: 'v1', validated: false });
  expect(await ask('promote', { reference: 'web' })).toMatchObject({ status: 409 });
  expect(await ask('promote', { reference: 'wob' })).toMatchObject({ status: 404 });
  expect(await ask('promote', { reference: 'web', channel: 'No!' })).toMatchObject({ status: 400 });
  expect(await ask('promote', { reference: 'web', chanel: 'x' })).toMatchObject({ status: 400 });
  expect(await ask('promote', { reference: 'web', force: true, why: 'now' })).toMatchObject({
    status: 200,
    body: { moves: [{ forced: true, why: 'now', by: 'api', to_version: 'v1' }] },
  });
});

test('a version is shown whole, though its target does not answer', async () => {
  await registry.add({ version: 'v1' });
  expect(await ask('version?reference=web')).toMatchObject({
    status: 200,
    body: {
      proof: { boot_seconds: proof.bootMs / 1000, validation_results: [{ name: 'web answers' }] },
      channels: ['latest'],
      ancestry: [{ version: 'v1', known: 'provenance' }],
      ancestry_unanswered: expect.stringContaining('does not answer'),
    },
  });
  await registry.add({ version: 'v1', architecture: 'arm64' });
  expect(await ask('version?reference=web')).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('us-east-1/arm64, us-east-1/x86_64') },
  });
});

test('two versions of one place are compared', async () => {
  await registry.add({ version: 'v1' });
  await registry.add({ version: 'v2', sizeGiB: 10 });
  await registry.add({ version: 'v2', architecture: 'arm64' });
  expect(await ask('diff?from=web@v1&to=web@v2')).toMatchObject({
    status: 200,
    body: { from: { architecture: 'x86_64' }, size_gb: { from: 8, to: 10 }, packages: null },
  });
});

test('a dry run of revoking changes nothing', async () => {
  await registry.add({ version: 'v1' });
  expect(await ask('revoke', { reference: 'web', dry_run: true })).toMatchObject({
    status: 200,
    body: { impact: { channels: [{ channel: 'latest', to: null }], unanswered: [{ region: 'us-east-1' }] } },
  });
  expect(await ask('versions')).toMatchObject({ body: { versions: [{ revoked: null }] } });
});

test('a document is brought up to date and taken over again', async () => {
  await registry.add({ version: 'v1' });
  const { body } = await ask('merge', {});
  const { document } = body as { readonly document: string };
  expect(document.endsWith('}\n')).toBe(true);
  expect(await ask('import', { document })).toMatchObject({ body: { versions: 0, known: 1 } });
  expect(await ask('merge', { document })).toMatchObject({ body: { document } });
});

test("templates of the home and of whoever asks are written to, shipped ones aren't, and modes stay", async () => {
  await registry.add({ version: 'v1' });
  await registry.add({ version: 'v1', template: 'shop' });
  await registry.add({ version: 'v1', template: 'sample' });
  const places = { web: 'home', shop: join('mine', 'templates'), sample: 'shipped' };
  for (const [slug, folder] of Object.entries(places)) {
    await mkdir(join(directory, folder), { recursive: true });
    await writeFile(join(directory, folder, `${slug}.yml`), `name: ${slug} # ours\n`, { mode: 0o640 });
  }
  const from = join(directory, 'mine');
  const dry = await ask('update-templates', { from, dry_run: true });
  const { body } = await ask('update-templates', { from });
  expect(body).toEqual(dry.body);
  expect(body).toMatchObject({
    templates: [
      {
        template: 'web',
        set: [{ region: 'us-east-1', architecture: 'x86_64', ami_id: 'ami-00000000000000001' }],
      },
      { template: 'shop', set: [{ ami_id: 'ami-00000000000000002' }] },
    ],
  });
  const file = join(directory, 'home', 'web.yml');
  expect(await readFile(file, 'utf8')).toContain('name: web # ours\n\nami_config:\n  amis:\n    us-east-1:');
  expect((await stat(file)).mode & 0o777).toBe(0o640);
  expect(await readFile(join(directory, 'shipped', 'sample.yml'), 'utf8')).toBe('name: sample # ours\n');
  expect(await ask('update-templates', { from })).toMatchObject({
    body: {
      templates: [
        { set: [], same: 1 },
        { set: [], same: 1 },
      ],
    },
  });
});
