import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildBase, listBases } from './build.ts';
import { publishBase, readStoredBases, sha256OfFile, withdrawBase } from './store.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bases-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function publish(version: string, recipe = 'cafe') {
  const finished = join(directory, `disk-${version}`);
  await writeFile(finished, `content of ${version}`);
  const sha256 = await sha256OfFile(finished);
  return publishBase(directory, finished, {
    name: 'tiny',
    architecture: 'arm64',
    version,
    recipe,
    sha256,
    virtualSizeBytes: 1024 ** 3,
  });
}

test('lists what was published, by version', async () => {
  await publish('20261202-aaaaaaaa');
  await publish('20261101-bbbbbbbb');
  const bases = await listBases(directory);
  expect(bases.map(({ imageName }) => imageName)).toEqual([
    'ingot-tiny-arm64-20261101-bbbbbbbb',
    'ingot-tiny-arm64-20261202-aaaaaaaa',
  ]);
  expect(bases[0]).toMatchObject({ sshUser: 'ec2-user', firmware: 'uefi', virtualSizeBytes: 1024 ** 3 });
});

test('lists nothing where there is no directory', async () => {
  expect(await listBases(join(directory, 'absent'))).toEqual([]);
});

test('does not count a disk whose record was never written', async () => {
  await writeFile(join(directory, 'ingot-tiny-arm64-20261101-bbbbbbbb.qcow2'), 'half');
  expect(await readStoredBases(directory)).toEqual([]);
});

test('leaves nothing of a base that is withdrawn', async () => {
  await withdrawBase(directory, await publish('20261101-bbbbbbbb'));
  expect(await readdir(directory)).toEqual([]);
});

test('builds nothing for a name and architecture without a recipe', async () => {
  await expect(buildBase('debian-12', 'arm64', { directory })).rejects.toThrow(
    /No recipe builds debian-12 for arm64; there are tiny\/x86_64, tiny\/arm64, debian-12\/x86_64/,
  );
  expect(await readdir(directory)).toEqual([]);
});
