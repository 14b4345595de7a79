import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newVersion } from '../testing/registry.ts';
import { packageUrl } from './package-url.ts';
import { packagesCommand, packagesScript } from './packages-command.ts';
import { parsePackages } from './parse-packages.ts';
import { sbomOf } from './sbom.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ingot-guest-'));
});

afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, content: string, mode = 0o644): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, mode);
}

function ask(script: string, path = '/usr/bin:/bin'): string {
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env: { PATH: path } });
}

test('this Debian machine lists its packages, and they make a valid bill of materials', async () => {
  const guest = parsePackages(ask(packagesCommand));
  expect(guest).toMatchObject({ manager: 'dpkg', distribution: { id: 'debian' } });
  expect(guest.packages.find(({ name }) => name === 'bash')?.version).toMatch(/^5/);
  const sbom = await sbomOf(newVersion({ version: 'v1', packages: guest }), '0.1.0');
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(sbom)).toBeNull();
  expect(JSON.parse(sbom).components).toHaveLength(guest.packages.length);
}, 60_000);

test('an Alpine guest lists its own, the last one too', () => {
  put('etc/os-release', 'ID=alpine\nVERSION_ID=3.20.1\n');
  put(
    'lib/apk/db/installed',
    'C:Q1abc=\nP:musl\nV:1.2.5-r0\nA:x86_64\nT:the musl c library\nF:lib\n\nP:busybox\nV:1.36.1-r29\nA:x86_64\nD:so:libc.musl-x86_64.so.1\n',
  );
  const guest = parsePackages(ask(packagesScript(root)));
  expect(guest).toEqual({
    manager: 'apk',
    distribution: { id: 'alpine', versionId: '3.20.1' },
    packages: [
      { name: 'busybox', version: '1.36.1-r29', architecture: 'x86_64' },
      { name: 'musl', version: '1.2.5-r0', architecture: 'x86_64' },
    ],
  });
  expect(guest.packages.map((each) => packageUrl(guest, each))).toEqual([
    'pkg:apk/alpine/busybox@1.36.1-r29?arch=x86_64&distro=alpine-3.20.1',
    'pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.1',
  ]);
});

test('a guest with rpm lists its own, without the keys that rpm counts as packages', () => {
  put('etc/os-release', 'ID="amzn"\nVERSION_ID="2023"\n');
  put(
    'bin/rpm',
    '#!/bin/sh\nprintf "bash\\t5.2.15-1.amzn2023\\tx86_64\\ngpg-pubkey\\td832c631-6515c85e\\t(none)\\nopenssl\\t1:3.0.8-1\\tx86_64\\n"\n',
    0o755,
  );
  const guest = parsePackages(ask(packagesScript(root), `${join(root, 'bin')}:/usr/bin:/bin`));
  expect(guest.manager).toBe('rpm');
  expect(guest.packages.map((each) => packageUrl(guest, each))).toEqual([
    'pkg:rpm/amzn/bash@5.2.15-1.amzn2023?arch=x86_64&distro=amzn-2023',
    'pkg:rpm/amzn/openssl@3.0.8-1?arch=x86_64&distro=amzn-2023&epoch=1',
  ]);
});

test('a guest without a package manager has none', () => {
  // Tools by name, so that no rpm of the host's is found.
  mkdirSync(join(root, 'bin'));
  expect(parsePackages(ask(packagesScript(root), join(root, 'bin')))).toEqual({
    manager: 'none',
    distribution: { id: 'linux', versionId: '' },
    packages: [],
  });
});

test.each([
  ['', "begins with ''"],
  ['sh: 1: not found\n', 'not with what the guest is'],
  ['ingot-packages\tdpkg\tdebian\t12\nbash\t5.2\n', "holds 'bash\t5.2'"],
])('%j is refused: a list with gaps is no list', (output, words) => {
  expect(() => parsePackages(output)).toThrow(words);
});

test('a Debian package keeps its epoch in its version', () => {
  const guest = parsePackages('ingot-packages\tdpkg\tdebian\t12\nlibstdc++6\t1:12.2.0-14+deb12u1\tamd64\n');
  expect(guest.packages.map((each) => packageUrl(guest, each))).toEqual([
    'pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14+deb12u1?arch=amd64&distro=debian-12',
  ]);
});

test('the same version gives the same bytes', async () => {
  const packages = parsePackages('ingot-packages\tdpkg\tdebian\t12\nbash\t5.2\tamd64\n');
  const version = newVersion({ version: 'v1', packages });
  expect(await sbomOf(version, '0.1.0')).toBe(await sbomOf({ ...version }, '0.1.0'));
});

test('a version without a list of packages has no bill of materials', async () => {
  await expect(sbomOf(newVersion({ version: 'v1' }), '0.1.0')).rejects.toThrow(
    'carries no list of its packages',
  );
});
