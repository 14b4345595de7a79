import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions, type Ordered } from './compare-versions.ts';

const at = (version: string, minute = 0): Ordered => ({
  version,
  createdAt: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
});

/** Made in the reverse order, so that time alone would sort them the other way. */
function sorted(...versions: readonly string[]): readonly string[] {
  return versions
    .map((version, index) => at(version, 100 - index))
    .sort(compareVersions)
    .map(({ version }) => version);
}

test.each([
  [['v0.9.1', 'v0.9.2', 'v0.9.2-patch1', 'v0.9.2-patch2', 'v0.9.2-patch10', 'v0.9.10', 'v1.0.0']],
  [['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0']],
  [['v1.2.3', 'v1.2.3-4-gdeadbee', 'v1.2.3-12-g1234567', 'v1.2.4']],
  [['1', '2', '10']],
  [['2026.1', '2026.2', '2026.11']],
  [['3rc1', '3rc2', '3', '3-1', '3p2']],
  [['release-1.9', 'release-1.10']],
])('%j is the order that people count in', (versions) => {
  expect(sorted(...versions)).toEqual(versions);
});

test.each([
  ['a1b2c3d', 'b1b2c3d'],
  ['1234567', '0234567'],
  ['1234567-dirty', '0234567'],
  ['deadbeefdeadbeefdeadbeefdeadbeefdeadbeef', 'abc1234'],
  ['20261122-065400', '20261121-065400'],
  ['20261122', '20261121-1'],
  ['summer', 'autumn'],
  ['3d-model', '2d-model'],
])('%s before %s where it was made before: neither is a number', (older, newer) => {
  expect(compareVersions(at(older, 1), at(newer, 2))).toBeLessThan(0);
  expect(compareVersions(at(older, 2), at(newer, 1))).toBeGreaterThan(0);
});

test('numbered versions come after hashes and times', () => {
  expect(compareVersions(at('20261121-065400', 9), at('v2', 1))).toBeLessThan(0);
  expect(compareVersions(at('a1b2c3d', 9), at('v0.1', 1))).toBeLessThan(0);
});

test('a build name after + has no say', () => {
  expect(compareVersions(at('1.0.0+b', 1), at('1.0.0+a', 2))).toBeLessThan(0);
});

const anyVersion = fc.record({
  version: fc.oneof(
    fc.string({ minLength: 1 }),
    fc.stringMatching(/^v?\d{1,3}(\.\d{1,3}){0,3}(-(rc|patch|beta)\.?\d{0,3})?$/),
    fc.stringMatching(/^[0-9a-f]{7}$/),
  ),
  createdAt: fc.integer({ min: 0, max: 50 }).map((minute) => at('', minute).createdAt),
});

test('the order is total: what is before what is before it, is before it', () => {
  fc.assert(
    fc.property(anyVersion, anyVersion, anyVersion, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
        expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }
    }),
    { numRuns: 2000 },
  );
});

test('only the same version of the same time is the same', () => {
  fc.assert(
    fc.property(anyVersion, anyVersion, (a, b) => {
      if (compareVersions(a, b) === 0) expect(a).toEqual(b);
    }),
  );
});
