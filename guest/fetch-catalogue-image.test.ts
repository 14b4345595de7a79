import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CatalogueImage, catalogue } from './catalogue.ts';
import { fetchCatalogueImage, publishedChecksum } from './fetch-catalogue-image.ts';

const content = Buffer.from('a small stand-in for a disk image');
const right = createHash('sha512').update(content).digest('hex');

let directory: string;
let server: Server;
let served: Record<string, Buffer | string>;
let requests: string[];
let image: CatalogueImage;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'catalogue-'));
  requests = [];
  served = {
    '/disk.qcow2': content,
    '/SHA512SUMS': `${'0'.repeat(128)}  other.qcow2\n${right}  disk.qcow2\n`,
  };
  server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const body = served[path];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [first] = catalogue;
  if (first === undefined) throw new Error('the catalogue is empty');
  image = { ...first, url: `${base}/disk.qcow2`, checksumsUrl: `${base}/SHA512SUMS`, checksum: 'sha512' };
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

test('keeps an image whose checksum is the published one', async () => {
  const fetched = await fetchCatalogueImage(image, { directory });
  expect(fetched).toEqual({
    file: join(directory, `disk-${right.slice(0, 12)}.qcow2`),
    checksum: right,
    sizeBytes: content.length,
  });
  expect(await readFile(fetched.file)).toEqual(content);
});

test('refuses an image that differs from the published checksum, and leaves nothing', async () => {
  served['/disk.qcow2'] = 'tampered with';
  await expect(fetchCatalogueImage(image, { directory })).rejects.toThrow(/not what its publisher says/);
  expect(await readdir(directory)).toEqual([]);
});

test('refuses an image that the list does not name, without downloading it', async () => {
  served['/SHA512SUMS'] = `${right}  other.qcow2\n`;
  await expect(fetchCatalogueImage(image, { directory })).rejects.toThrow(/lists no checksum for disk.qcow2/);
  expect(requests).toEqual(['/SHA512SUMS']);
});

test('names the address that answers with an error', async () => {
  delete served['/disk.qcow2'];
  await expect(fetchCatalogueImage(image, { directory })).rejects.toThrow(/disk\.qcow2 answered 404/);
});

test('does not download again what it has', async () => {
  await fetchCatalogueImage(image, { directory });
  requests = [];
  await fetchCatalogueImage(image, { directory });
  expect(requests).toEqual(['/SHA512SUMS']);
});

test('downloads again what was damaged on disk', async () => {
  const { file } = await fetchCatalogueImage(image, { directory });
  await writeFile(file, 'damaged');
  await fetchCatalogueImage(image, { directory });
  expect(await readFile(file)).toEqual(content);
});

test('reads checksum lists in both notations and never by a part of a name', () => {
  const sum = 'A'.repeat(64);
  expect(publishedChecksum(`${sum} *disk.img\n`, 'disk.img')).toBe(sum.toLowerCase());
  expect(publishedChecksum(`${sum}  disk.img.manifest\n`, 'disk.img')).toBeUndefined();
  expect(publishedChecksum(`${sum}  old/disk.img\n`, 'disk.img')).toBeUndefined();
});
