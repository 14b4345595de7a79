import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Factory } from '../factory.ts';
import { exportRegistry, registryText } from './document/export-registry.ts';
import { findVersions } from './find-versions.ts';
import { promote } from './promote.ts';
import { parseReference } from './reference.ts';
import { type ResolutionRequest, resolveVersion } from './resolve-version.ts';
import { openTestRegistry, type TestRegistry } from './testing/registry.ts';
import { withdraw } from './withdraw.ts';

let registry: TestRegistry;
let other: TestRegistry;
let directory: string;
const at = new Date('2026-03-01T00:00:00.000Z');

beforeEach(async () => {
  [registry, other] = await Promise.all([openTestRegistry(), openTestRegistry()]);
  directory = await mkdtemp(join(tmpdir(), 'ingot-resolve-'));
});

afterEach(async () => {
  await Promise.all([registry.close(), other.close()]);
  await rm(directory, { recursive: true });
});

async function resolve(given: Partial<ResolutionRequest> = {}, locations: readonly string[] = []) {
  const registries = {
    locations: locations.map((location) => ({ location, target: 'local' })),
    directory,
    now: () => at,
  };
  const request = { template: 'web', target: 'local', region: 'us-east-1', architecture: 'x86_64' } as const;
  return await resolveVersion({ db: registry.db as Factory['db'], registries }, { ...request, ...given });
}

async function promoteTo(reference: string) {
  const given = { target: 'local', channel: 'stable', force: false, by: 'ann', why: '', at };
  await promote(registry.db, { ...given, reference: parseReference(reference) });
}

async function revoke(version: string, of: TestRegistry = registry) {
  const versions = await findVersions(of.db.read, { version });
  await of.db.write((tx) => withdraw(tx, versions, { by: 'ann', why: 'it leaks' }, at.toISOString()));
}

/** What another machine serves. */
async function served(): Promise<string> {
  const document = await exportRegistry(other.db.read, { target: 'local', channel: 'latest' });
  await writeFile(join(directory, 'registry.json'), registryText(document));
  return directory;
}

const amis = { 'us-east-1': { x86_64: 'ami-0000000000000000c' } };

test('stable is taken where there is one, else latest; a version or channel where it is named', async () => {
  await registry.add({ version: 'v1' });
  await registry.add({ version: 'v2' });
  expect(await resolve()).toMatchObject({ outcome: 'image', version: 'v2' });
  await promoteTo('web@v1');
  expect(await resolve()).toMatchObject({ outcome: 'image', version: 'v1', proven: true });
  expect(await resolve({ name: 'latest' })).toMatchObject({ version: 'v2' });
  expect(await resolve({ name: 'v2' })).toMatchObject({ version: 'v2' });
});

test('each step is told, with its answer', async () => {
  await registry.add({ version: 'v1', region: 'eu-west-1' });
  const { outcome, steps } = await resolve({ amis: {} }, [await served()]);
  expect(outcome).toBe('elsewhere');
  expect(steps).toEqual([
    { source: 'registry', found: false, detail: 'this registry has no version of web in us-east-1/x86_64' },
    { source: 'location', found: false, detail: `${directory} has no web@latest in us-east-1/x86_64` },
    { source: 'template', found: false, detail: 'ami_config of web has no image for us-east-1/x86_64' },
    {
      source: 'other-region',
      found: true,
      detail: 'eu-west-1 has v1: ami-00000000000000001, to be copied to us-east-1',
    },
  ]);
});

test('a revoked version is refused with the one to take instead, though the template still names it', async () => {
  const imageId = await registry.add({ version: 'v2' });
  await registry.add({ version: 'v1' });
  await revoke('v2');
  const named = { 'us-east-1': { x86_64: imageId } };
  expect(await resolve({ name: 'v2', amis: named })).toMatchObject({
    outcome: 'revoked',
    reason: 'it leaks',
    replacement: 'v1',
  });
});

test('what others serve is asked where this registry has nothing, and their revocations count', async () => {
  await other.add({ version: 'v1' });
  await other.add({ version: 'v2' });
  const location = await served();
  expect(await resolve({ amis }, [location])).toMatchObject({ outcome: 'image', version: 'v2' });
  expect(await resolve({ name: 'v1' }, [location])).toMatchObject({ version: 'v1' });
  await revoke('v2', other);
  expect(await resolve({ name: 'v2' }, [await served()])).toMatchObject({ outcome: 'revoked' });
});

test("where the registry can't be reached the template's own ami_config answers", async () => {
  const { steps, ...resolution } = await resolve({ amis }, [join(directory, 'gone')]);
  expect(resolution).toEqual({ outcome: 'image', imageId: amis['us-east-1'].x86_64, proven: false });
  expect(steps.map(({ source, found }) => [source, found])).toEqual([
    ['registry', false],
    ['location', false],
    ['template', true],
  ]);
  expect(steps[1]?.detail).toContain("can't be read");
});

test('ami_config names no version, so it answers for none', async () => {
  expect(await resolve({ amis, name: 'v7' })).toMatchObject({ outcome: 'none' });
});

test('an image of ami_config that is known as revoked is refused', async () => {
  await registry.add({ version: 'v1', imageId: amis['us-east-1'].x86_64 });
  await revoke('v1');
  expect(await resolve({ amis })).toMatchObject({ outcome: 'revoked', reason: 'it leaks' });
});

test('nothing anywhere is said with all that was asked', async () => {
  const { outcome, steps } = await resolve({ amis: {} });
  expect(outcome).toBe('none');
  expect(steps).toHaveLength(3);
});
