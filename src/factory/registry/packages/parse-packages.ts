import type { GuestPackages, InstalledPackage } from '../version.ts';

const managers = ['dpkg', 'rpm', 'apk', 'none'] as const satisfies readonly GuestPackages['manager'][];

/** Reads what `packagesCommand` printed. Throws where it isn't that: a list with gaps is no list. */
export function parsePackages(output: string): GuestPackages {
  const [head = '', ...lines] = output.replaceAll('\r', '').trimEnd().split('\n');
  const [mark, given, id = '', versionId = ''] = head.split('\t');
  const manager = managers.find((each) => each === given);
  if (mark !== 'ingot-packages' || manager === undefined) {
    throw new Error(`The list of packages begins with '${head.slice(0, 100)}', not with what the guest is`);
  }
  return {
    manager,
    distribution: { id: id || 'linux', versionId },
    packages: lines.map(parseLine).sort(byName),
  };
}

function parseLine(line: string): InstalledPackage {
  const [name, version, architecture, ...more] = line.split('\t');
  if (!name || !version || !architecture || more.length > 0) {
    throw new Error(`The list of packages holds '${line.slice(0, 100)}', which is no package`);
  }
  return { name, version, architecture };
}

function byName(a: InstalledPackage, b: InstalledPackage): number {
  return compare(a.name, b.name) || compare(a.architecture, b.architecture) || compare(a.version, b.version);
}

/** By code, so that the list is the same whatever language the host speaks. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
