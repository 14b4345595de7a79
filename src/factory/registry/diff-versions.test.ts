import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffPackages, diffVersions } from './diff-versions.ts';
import { newVersion, proof } from './testing/registry.ts';
import type { GuestPackages, InstalledPackage, Provenance } from './version.ts';

const guest = (packages: readonly InstalledPackage[]): GuestPackages => ({
  manager: 'dpkg',
  distribution: { id: 'debian', versionId: '12' },
  packages,
});
const deb = (name: string, version: string, architecture = 'amd64') => ({ name, version, architecture });

const provenance: Provenance = {
  templateDigest: 'sha256:1',
  templateSource: 'name: web\n',
  baseImageId: 'ami-0000000000000000b',
  baseName: 'debian-12-x86_64-1',
  steps: [
    { name: 'packages', key: 'k1', cached: false, durationMs: 60_000 },
    { name: 'site', key: 'k2', cached: false, durationMs: 500 },
  ],
  inputs: {},
  ingotVersion: '0.1.0',
};

test('packages come, go and change', () => {
  const from = guest([deb('curl', '7'), deb('nginx', '1.22'), deb('vim', '9')]);
  const to = guest([deb('curl', '7'), deb('nginx', '1.24'), deb('git', '2')]);
  expect(diffPackages(from, to)).toEqual({
    added: [deb('git', '2')],
    removed: [deb('vim', '9')],
    changed: [{ name: 'nginx', architecture: 'amd64', from: '1.22', to: '1.24' }],
    unchanged: 1,
  });
});

test('one more version of a package that is there is added, not changed', () => {
  const from = guest([deb('kernel', '6.1')]);
  const to = guest([deb('kernel', '6.1'), deb('kernel', '6.2')]);
  expect(diffPackages(from, to)).toEqual({
    added: [deb('kernel', '6.2')],
    removed: [],
    changed: [],
    unchanged: 1,
  });
});

const anyPackages = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      version: fc.constantFrom('1', '2', '3'),
      architecture: fc.constantFrom('amd64', 'all'),
    }),
    { selector: (each) => JSON.stringify(each) },
  )
  .map(guest);

test('the difference, applied to the one, gives the other', () => {
  const line = ({ name, version, architecture }: InstalledPackage) => `${name} ${architecture} ${version}`;
  fc.assert(
    fc.property(anyPackages, anyPackages, (from, to) => {
      const { added, removed, changed, unchanged } = diffPackages(from, to);
      const result = new Set(from.packages.map(line));
      for (const each of removed) expect(result.delete(line(each))).toBe(true);
      for (const each of changed) expect(result.delete(line({ ...each, version: each.from }))).toBe(true);
      expect(result.size).toBe(unchanged);
      for (const each of added) result.add(line(each));
      for (const each of changed) result.add(line({ ...each, version: each.to }));
      expect(result).toEqual(new Set(to.packages.map(line)));
    }),
  );
});

test('figures, steps, checks, base and template are told', () => {
  const before = newVersion({ version: 'v1', provenance });
  const after = newVersion({
    version: 'v2',
    sizeGiB: 10,
    provenance: {
      ...provenance,
      templateDigest: 'sha256:2',
      steps: [
        { name: 'packages', key: 'k1', cached: true, durationMs: 0 },
        { name: 'site', key: 'k3', cached: false, durationMs: 700 },
        { name: 'motd', key: 'k4', cached: false, durationMs: 90 },
      ],
    },
    proof: {
      ...proof,
      bootMs: 5000,
      validations: [{ name: 'ssh answers', status: 'passed', output: '' }],
    },
  });
  expect(diffVersions(before, after)).toMatchObject({
    figures: { sizeGiB: { from: 8, to: 10 }, bootMs: { from: 4000, to: 5000 } },
    base: {
      from: 'debian-12-x86_64-1 (ami-0000000000000000b)',
      to: 'debian-12-x86_64-1 (ami-0000000000000000b)',
    },
    templateChanged: true,
    steps: [
      { name: 'packages', status: 'same' },
      { name: 'site', status: 'changed', durationMs: { from: 500, to: 700 } },
      { name: 'motd', status: 'added' },
    ],
    checks: [
      { name: 'ssh answers', status: { from: undefined, to: 'passed' } },
      { name: 'web answers', status: { from: 'passed', to: undefined } },
    ],
  });
});

test('without a list of packages on one side nothing is said of packages', () => {
  const packages = guest([deb('curl', '7')]);
  const [bare, listed] = [newVersion({ version: 'v1' }), newVersion({ version: 'v2', packages })];
  expect(diffVersions(bare, listed)).not.toHaveProperty('packages');
  expect(diffVersions(listed, listed).packages?.unchanged).toBe(1);
});
