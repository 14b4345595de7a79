/** A package's purl, by which scanners know it (github.com/package-url/purl-spec, types deb, rpm and apk). */
import { PackageURL } from 'packageurl-js';
import type { GuestPackages, InstalledPackage } from '../version.ts';

const types = { dpkg: 'deb', rpm: 'rpm', apk: 'apk' } as const;

export function packageUrl(
  { manager, distribution }: GuestPackages,
  { name, version, architecture }: InstalledPackage,
): string {
  if (manager === 'none') throw new Error(`${name} is of no package manager`);
  const { id, versionId } = distribution;
  const [, epoch, rest = version] = manager === 'rpm' ? (/^(?:(\d+):)?(.*)$/s.exec(version) ?? []) : [];
  const qualifiers = {
    arch: architecture,
    distro: versionId === '' ? id : `${id}-${versionId}`,
    // An rpm's epoch is a qualifier; a deb's is part of its version.
    ...(epoch === undefined ? {} : { epoch }),
  };
  return new PackageURL(types[manager], id, name, rest, qualifiers, undefined).toString();
}
