import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.ts';
import { sourceLines, suite } from '../debian/apt.ts';
import { compressDisk, makeRawDisk } from '../disk/assemble.ts';
import { installBiosGrub } from '../disk/grub.ts';
import type { RecipeInput } from '../recipe.ts';
import { readRecipeList } from '../recipe-list.ts';

// What GRUB must hold before it can read more from /boot/grub: as grub-install would choose, and the 16-bit loader.
const grubModules = ['linux16', 'search', 'search_fs_uuid', 'configfile', 'echo', 'test'];

/** mmdebstrap installs Debian into a directory, with the packages' own scripts; the directory becomes a disk. */
export async function buildDebian12(input: RecipeInput): Promise<void> {
  const { scratch, signal, progress } = input;
  const recipe = import.meta.dirname;
  const tree = join(scratch, 'tree');
  const cache = join(input.packages, 'mmdebstrap');
  await mkdir(cache, { recursive: true });
  const rootUuid = randomUUID();
  const packages = await readRecipeList(join(recipe, 'packages'));

  progress(`installing Debian 12 with ${packages.length} chosen packages`);
  const hooks = [
    // Packages come from the last build's downloads where they are the same, and stay for the next.
    `--setup-hook=mkdir -p "$1/var/cache/apt/archives"; cp -n ${quote(cache)}/*.deb "$1/var/cache/apt/archives/" 2>/dev/null || true`,
    `--customize-hook=cp -n "$1"/var/cache/apt/archives/*.deb ${quote(cache)}/ || true`,
    // With no device named, the package does not try to install itself on the disk of the machine that builds.
    `--essential-hook=echo 'grub-pc grub-pc/install_devices_empty boolean true' | chroot "$1" debconf-set-selections`,
    `--customize-hook=sh ${quote(join(recipe, 'customize'))} "$1" ${rootUuid} ${quote(recipe)}`,
  ];
  const options = [
    '--mode=root',
    '--variant=apt',
    '--format=directory',
    '--skip=essential/unlink',
    '--quiet',
  ];
  const sources = `${(await sourceLines(signal)).join('\n')}\n`;
  await run('mmdebstrap', [...options, ...hooks, `--include=${packages.join(',')}`, suite, tree, '-'], {
    input: sources,
    signal,
  });

  progress('making the disk');
  const raw = join(scratch, 'disk.raw');
  const layout = await makeRawDisk(raw, {
    firmware: 'bios',
    diskBytes: input.virtualSizeBytes,
    tree,
    rootUuid,
    signal,
  });
  await installBiosGrub(raw, layout, { modules: grubModules, scratch, signal });

  progress('compressing');
  await compressDisk(raw, input.output, signal);
}

function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
