import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { decodeChunk, encodeChunk, isZero, largestChunkBytes, verifyContent, withEdition } from './chunk.ts';
import { digestOf } from './digest.ts';
import { digestSet } from './digest-set.ts';
import { decodeLeaf, encodeLeaf } from './leaf.ts';
import { decodeManifest, encodeManifest, type Manifest } from './manifest.ts';

const frameBytes = 64 * 1024;

function chunkOf(content: Buffer, edition = 0n): Buffer {
  const into = Buffer.alloc(largestChunkBytes(content.length, frameBytes));
  return into.subarray(0, encodeChunk(content, digestOf(content), frameBytes, into, edition));
}

/** Text, zeros and noise, so that frames of every kind occur. */
const mixed = Buffer.concat([
  Buffer.alloc(100_000, 'compressible '),
  Buffer.alloc(200_000),
  randomBytes(150_000),
  Buffer.alloc(524_288 - 450_000, 'end'),
]);

test('a chunk gives back its content', () => {
  for (const content of [
    mixed,
    randomBytes(524_288),
    Buffer.alloc(524_288, 1),
    randomBytes(10),
    Buffer.alloc(0),
  ]) {
    expect(decodeChunk(chunkOf(content), digestOf(content)).equals(content)).toBe(true);
  }
});

test('what does not compress takes no more than its own size and the header', () => {
  const noise = randomBytes(524_288);
  expect(chunkOf(noise).length).toBe(largestChunkBytes(noise.length, frameBytes));
});

test('the same content makes the same bytes, another edition others', () => {
  expect(chunkOf(mixed).equals(chunkOf(mixed))).toBe(true);
  const second = withEdition(chunkOf(mixed), 7n);
  expect(second.equals(chunkOf(mixed))).toBe(false);
  expect(second.equals(chunkOf(mixed, 7n))).toBe(true);
  expect(decodeChunk(second, digestOf(mixed)).equals(mixed)).toBe(true);
});

test('any flipped bit is found without the SHA-256', () => {
  const chunk = chunkOf(mixed);
  const digest = digestOf(mixed);
  for (let n = 0; n < 400; n++) {
    const at = n < 130 ? n : (n * 7919) % chunk.length;
    const broken = Buffer.from(chunk);
    broken[at] = (broken[at] ?? 0) ^ (1 << (n % 8));
    expect(() => decodeChunk(broken, digest), `bit ${n % 8} of byte ${at}`).toThrow(
      /^Chunk [0-9a-f]{64} is damaged: /,
    );
  }
});

test('a chunk that was cut short, or is another one, is found', () => {
  const chunk = chunkOf(mixed);
  for (const length of [0, 10, 64, 100, chunk.length - 1]) {
    expect(() => decodeChunk(chunk.subarray(0, length), digestOf(mixed))).toThrow(/is damaged/);
  }
  expect(() => decodeChunk(chunk, digestOf(Buffer.from('other')))).toThrow(/it is the chunk/);
  expect(() => verifyContent(mixed, digestOf(Buffer.from('other')))).toThrow(/the SHA-256 of its content is/);
});

test('zeros are told from what only begins and ends with them', () => {
  const almost = Buffer.alloc(524_288);
  expect(isZero(almost)).toBe(true);
  almost[300_000] = 1;
  expect(isZero(almost)).toBe(false);
  expect(isZero(Buffer.alloc(600_000))).toBe(true);
});

test('a leaf gives back its entries, and takes room only for those it has', () => {
  const leaf = Array.from({ length: 4096 }, (_, n) =>
    n % 97 === 0 ? digestOf(Buffer.from(`${n}`)) : undefined,
  );
  const bytes = encodeLeaf(leaf);
  expect(bytes.length).toBe(16 + 512 + 43 * 32);
  expect(decodeLeaf(bytes, 4096, 'the leaf')).toEqual(leaf);
  expect(() => decodeLeaf(bytes, 2048, 'the leaf')).toThrow(/^the leaf is damaged: 4096 entries/);
  expect(() => decodeLeaf(bytes.subarray(0, -32), 4096, 'the leaf')).toThrow(/is damaged/);
});

const manifest: Manifest = {
  snapshotId: 'snap-0123456789abcdef0' as Manifest['snapshotId'],
  parentSnapshotId: 'snap-00000000000000001' as Manifest['snapshotId'],
  sizeBytes: 16 * 1024 ** 4,
  createdAtMs: 1_700_000_000_123,
  blockBytes: 524_288,
  leafEntries: 4096,
  leaves: [
    { index: 0, blocks: 3, digest: digestOf(Buffer.from('a')) },
    { index: 8191, blocks: 4096, digest: digestOf(Buffer.from('b')) },
  ],
};

test('a manifest gives back what was written, and an empty 16 TiB costs 144 bytes', () => {
  expect(decodeManifest(encodeManifest(manifest), 'It')).toEqual(manifest);
  expect(encodeManifest({ ...manifest, leaves: [] }).length).toBe(144);
});

test('any flipped bit of a manifest is found', () => {
  const bytes = encodeManifest(manifest);
  for (let at = 0; at < bytes.length; at++) {
    const broken = Buffer.from(bytes);
    broken[at] = (broken[at] ?? 0) ^ (1 << (at % 8));
    expect(() => decodeManifest(broken, 'The manifest of it')).toThrow(/^The manifest of it is damaged: /);
  }
});

test('a digest set has what was added and grows with it', () => {
  const set = digestSet();
  const digests = Array.from({ length: 20_000 }, (_, n) => digestOf(Buffer.from(`${n}`)));
  for (const digest of digests) expect(set.add(digest)).toBe(true);
  expect(digests.every((digest) => set.has(digest) && !set.add(digest))).toBe(true);
  expect(set.size).toBe(20_000);
  expect(set.has(digestOf(Buffer.from('none')))).toBe(false);
});
