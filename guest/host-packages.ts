import { type Architecture, type BaseName, baseFacts } from './base.ts';
import { run } from './command.ts';

const shared = [
  'apt',
  'debian-archive-keyring',
  'dpkg',
  'e2fsprogs',
  'fdisk',
  'grub-common',
  'qemu-utils',
  'util-linux',
];
const tiny = ['binutils', 'cpio', 'kmod'];
const bios = ['grub-pc-bin'];
const uefi = ['dosfstools', 'mtools'];
const debian12 = ['mmdebstrap'];

/** Debian packages needed on the host to build the base. */
export function requiredPackages(name: BaseName, architecture: Architecture): readonly string[] {
  const { firmware } = baseFacts(name, architecture);
  return [
    ...shared,
    ...(name === 'tiny' ? tiny : debian12),
    ...(firmware === 'bios' ? bios : uefi),
  ].toSorted();
}

/** Which of the packages dpkg does not have installed. Throws where there is no dpkg at all. */
export async function missingPackages(packages: readonly string[]): Promise<readonly string[]> {
  let installed: string;
  try {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
    installed = await run('dpkg-query', ['--show', '--showformat', '${db:Status-Status} ${Package}\n']);
  } catch (cause) {
    throw new Error(
      'Base images are built from Debian packages, on a Debian machine: dpkg-query did not answer here.',
      { cause },
    );
  }
  const names = new Set(
    installed
      .split('\n')
      .flatMap((line) => (line.startsWith('installed ') ? [line.slice('installed '.length)] : [])),
  );
  return packages.filter((name) => !names.has(name));
}

export function missingPackagesMessage(base: string, missing: readonly string[]): string {
  return (
    `Building ${base} needs Debian packages that are not installed: ${missing.join(', ')}. ` +
    `Install them with: apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`
  );
}
