import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { type Entry, indexFile } from './format.ts';
import { type Location, locationOf } from './location.ts';
import { type EntryToPublish, publishEntry, withdrawEntry } from './publish-entry.ts';
import { readCatalogue, readEntryFile, readManifest } from './read-catalogue.ts';
import { publicKeyText } from './signature.ts';
import { signingKey } from './signing-key.ts';

let folder: string;
let publication: Parameters<typeof publishEntry>[0];
let trust: { publicKey: string };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-catalogue-'));
  const { privateKey: key } = generateKeyPairSync('ed25519');
  trust = { publicKey: publicKeyText(key) };
  publication = { folder, name: 'lab', description: 'What the lab shares', key, now: new Date() };
  return () => rm(folder, { recursive: true });
});

function entry(version: string): EntryToPublish {
  return {
    manifest: {
      template: 'web',
      version,
      architecture: 'x86_64',
      name: 'Web server',
      description: 'A web server',
      sshUser: 'admin',
      ports: [22, 80],
      sizeGiB: 2,
      proven: true,
      images: [{ region: 'us-east-1', imageId: 'ami-00000000000000001', ownerId: '123456789012' }],
    },
    files: { 'template.yml': 'name: Web server\n', 'provenance.json': '{}\n' },
  };
}

async function publishedEntry(location: Location = locationOf(folder)): Promise<Entry> {
  return (await readCatalogue(location, trust)).entries[0] as Entry;
}

test('what is published is read again, newest publication of an entry alone', async () => {
  await publishEntry(publication, entry('v1'));
  await publishEntry(publication, entry('v2'));
  const catalogue = await publishEntry(publication, entry('v1'));
  expect(catalogue.sequence).toBe(3);
  const read = await readCatalogue(locationOf(folder), trust);
  expect(read).toEqual(catalogue);
  expect(read.entries.map(({ version }) => version)).toEqual(['v2', 'v1']);
  const manifest = await readManifest(locationOf(folder), read.entries[0] as Entry);
  expect(manifest.images).toHaveLength(1);
  const template = await readEntryFile(locationOf(folder), manifest, 'template.yml');
  expect(template.toString()).toBe('name: Web server\n');
});

test('a withdrawn entry is listed no more, and one that was never there changes nothing', async () => {
  await publishEntry(publication, entry('v1'));
  const name = { template: 'web', version: 'v1', architecture: 'x86_64' } as const;
  expect((await withdrawEntry(publication, name))?.entries).toEqual([]);
  expect(await withdrawEntry(publication, name)).toBeUndefined();
  expect((await readCatalogue(locationOf(folder), trust)).sequence).toBe(2);
});

test("another key's catalogue is refused, by readers and by publishers", async () => {
  await publishEntry(publication, entry('v1'));
  const { privateKey: other } = generateKeyPairSync('ed25519');
  const asked = readCatalogue(locationOf(folder), { publicKey: publicKeyText(other) });
  await expect(asked).rejects.toThrow(/is not signed by SHA256:/);
  await expect(publishEntry({ ...publication, key: other }, entry('v2'))).rejects.toThrow('is not signed by');
});

test('an index from before is refused once a later one was seen', async () => {
  await publishEntry(publication, entry('v1'));
  const before = await readFile(join(folder, indexFile));
  const { sequence } = await publishEntry(publication, entry('v2'));
  await writeFile(join(folder, indexFile), before);
  await expect(readCatalogue(locationOf(folder), { ...trust, sequence })).rejects.toThrow(
    'is older than what was there before (publication 1 after 2)',
  );
});

test('one flipped bit in any file of the catalogue is found before it is used', async () => {
  await publishEntry(publication, entry('v1'));
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
  expect(files).toHaveLength(4);
  for (const file of files) {
    const intact = await readFile(file);
    for (const at of [0, Math.floor(intact.length / 2), intact.length - 2]) {
      const bad = Buffer.from(intact);
      bad[at] = (bad[at] ?? 0) ^ 1;
      await writeFile(file, bad);
      await expect(readAll(locationOf(folder)), `${file} at ${at}`).rejects.toThrow('Nothing of it is used');
    }
    await writeFile(file, intact);
  }
  await readAll(locationOf(folder));
});

test('a name that would lead out of the catalogue is refused', async () => {
  const outside = entry('../../v1');
  await expect(publishEntry(publication, outside)).rejects.toThrow();
  const hidden = { ...entry('v1'), files: { '../../../evil': 'x' } };
  await expect(publishEntry(publication, hidden)).rejects.toThrow();
  expect(await readdir(folder)).toEqual([]);
});

test('a folder behind HTTP is read like one at hand, and what is missing is named', async () => {
  await publishEntry(publication, entry('v1'));
  const server = await serve(folder);
  const { port } = server.address() as AddressInfo;
  const location = locationOf(`http://127.0.0.1:${port}/images`);
  await readAll(location);
  await rm(join(folder, indexFile));
  await expect(readAll(location)).rejects.toThrow(
    `http://127.0.0.1:${port}/images/${indexFile} answers 404 Not Found`,
  );
  server.close();
  server.closeAllConnections();
});

test("a home's key is made once, and only its owner can read it", async () => {
  const file = join(folder, 'secrets', 'catalogue.pem');
  const first = publicKeyText(await signingKey(file));
  expect(publicKeyText(await signingKey(file))).toBe(first);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

async function readAll(location: Location): Promise<void> {
  const manifest = await readManifest(location, await publishedEntry(location));
  for (const name of Object.keys(manifest.files)) await readEntryFile(location, manifest, name);
}

async function serve(root: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').replace(/^\/images\//, '');
    const bytes = await readFile(join(root, path)).catch(() => undefined);
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
