import { expect, test } from 'vitest';
import { catalogue, findCatalogueImage } from './catalogue.ts';

test('names each image once per architecture', () => {
  const keys = catalogue.map((image) => `${image.name}/${image.architecture}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toHaveLength(8);
});

test('takes image and checksum list from the same folder, over https', () => {
  for (const { url, checksumsUrl } of catalogue) {
    expect(new URL('.', url).href).toBe(new URL('.', checksumsUrl).href);
    expect(url).toMatch(/^https:/);
  }
});

test('says what there is when asked for what there is not', () => {
  expect(findCatalogueImage('ubuntu-24.04-cloud', 'arm64').sshUser).toBe('ubuntu');
  expect(() => findCatalogueImage('fedora', 'arm64')).toThrow(
    /no fedora for arm64; it has debian-12-cloud \(x86_64\)/,
  );
});
