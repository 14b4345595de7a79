import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { baseFacts } from './base.ts';
import { buildBase, requiredPackages } from './build.ts';
import { missingPackagesMessage } from './host-packages.ts';
import { recipeDigest } from './recipe-digest.ts';
import { publishBase, sha256OfFile } from './store.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bases-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** As if the recipe of today had been built earlier. */
async function publishToday() {
  const recipe = await recipeDigest(
    import.meta.dirname,
    baseFacts('tiny', 'arm64').recipeFolders,
    'tiny/arm64',
  );
  const finished = join(directory, 'finished');
  await writeFile(finished, 'a disk');
  const record = { name: 'tiny', architecture: 'arm64', version: '20261101-0badcafe', recipe } as const;
  return publishBase(directory, finished, {
    ...record,
    sha256: await sha256OfFile(finished),
    virtualSizeBytes: 1,
  });
}

test('returns the base that is there when recipe and checksum match', async () => {
  const built = await publishToday();
  const lines: string[] = [];
  expect(await buildBase('tiny', 'arm64', { directory, onProgress: (line) => lines.push(line) })).toEqual(
    built,
  );
  expect(lines).toEqual([]);
});

test('withdraws a base whose file has changed before it builds another', async () => {
  const built = await publishToday();
  await writeFile(built.file, 'a changed disk');
  const lines: string[] = [];
  const stop = new AbortController();
  const building = buildBase('tiny', 'arm64', {
    directory,
    signal: stop.signal,
    onProgress: (line) => {
      lines.push(line);
      // Far enough: what follows is a real build.
      stop.abort();
    },
  });
  await expect(building).rejects.toThrow();
  expect(lines[0]).toMatch(/is damaged .* building it again/);
  expect((await readdir(directory)).filter((file) => file.includes('ingot-tiny'))).toEqual([]);
});

test('asks for the loader of the firmware and the tools of the recipe', () => {
  expect(requiredPackages('tiny', 'x86_64')).toContain('grub-pc-bin');
  expect(requiredPackages('tiny', 'arm64')).not.toContain('grub-pc-bin');
  expect(requiredPackages('tiny', 'arm64')).toContain('mtools');
  expect(requiredPackages('debian-12', 'x86_64')).toContain('mmdebstrap');
});

test('gives the line that installs what is missing', () => {
  expect(missingPackagesMessage('tiny for arm64', ['kmod', 'mtools'])).toMatch(
    /apt-get install -y --no-install-recommends kmod mtools$/,
  );
});
