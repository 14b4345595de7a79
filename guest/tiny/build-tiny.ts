import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloudKernelPackage, downloadPackages, type PackageSource, updateLists } from '../debian/apt.ts';
import { unpackPackages } from '../debian/stage.ts';
import { compressDisk, makeRawDisk } from '../disk/assemble.ts';
import { installBiosGrub, installUefiGrub } from '../disk/grub.ts';
import type { RecipeInput } from '../recipe.ts';
import { readRecipeList } from '../recipe-list.ts';
import { makeInitramfs } from './initramfs.ts';
import { installKernel } from './kernel.ts';
import { makeRootTree } from './root-tree.ts';

const platforms = {
  x86_64: {
    debian: 'amd64',
    multiarch: 'x86_64-linux-gnu',
    firmware: 'bios',
    extraPackages: [],
    grub: { '@CONSOLE@': 'ttyS0', '@LINUX@': 'linux16', '@INITRD@': 'initrd16' },
  },
  arm64: {
    debian: 'arm64',
    multiarch: 'aarch64-linux-gnu',
    firmware: 'uefi',
    extraPackages: ['grub-efi-arm64-bin'],
    grub: { '@CONSOLE@': 'ttyAMA0', '@LINUX@': 'linux', '@INITRD@': 'initrd' },
  },
} as const;

/** Packages → programs and libraries → root tree → initramfs → disk. */
export async function buildTiny(input: RecipeInput): Promise<void> {
  const { scratch, signal, progress } = input;
  const platform = platforms[input.architecture];
  const source: PackageSource = {
    directory: input.packages,
    debianArchitecture: platform.debian,
    signal,
    progress,
  };
  const recipe = import.meta.dirname;

  progress('reading package lists');
  await updateLists(source);
  const kernelPackage = await cloudKernelPackage(source);
  const names = [
    ...(await readRecipeList(join(recipe, 'packages'))),
    ...platform.extraPackages,
    kernelPackage,
  ];
  progress(`fetching ${names.length} packages`);
  const debs = await downloadPackages(source, names);

  progress(`unpacking (${kernelPackage})`);
  const stage = join(scratch, 'stage');
  await unpackPackages(debs, stage, signal);

  progress('making the root tree');
  const tree = join(scratch, 'tree');
  await makeRootTree({ recipe, stage, tree, multiarch: platform.multiarch, signal });
  const kernel = await installKernel({
    recipe,
    stage,
    tree,
    version: kernelPackage.replace(/^linux-image-/, ''),
    signal,
  });
  await makeInitramfs({
    recipe,
    stage,
    scratch,
    modules: kernel.initramfsModules,
    output: join(tree, 'boot/initrd.img'),
    signal,
  });
  let grubConfig = await readFile(join(recipe, 'grub.cfg'), 'utf8');
  for (const [placeholder, value] of Object.entries(platform.grub))
    grubConfig = grubConfig.replaceAll(placeholder, value);
  await mkdir(join(tree, 'boot/grub'));
  await writeFile(join(tree, 'boot/grub/grub.cfg'), grubConfig);

  progress('making the disk');
  const raw = join(scratch, 'disk.raw');
  const layout = await makeRawDisk(raw, {
    firmware: platform.firmware,
    diskBytes: input.virtualSizeBytes,
    tree,
    rootUuid: randomUUID(),
    signal,
  });
  if (platform.firmware === 'bios')
    await installBiosGrub(raw, layout, { modules: ['linux16'], scratch, signal });
  else
    await installUefiGrub(raw, layout, join(stage, 'usr/lib/grub/arm64-efi'), {
      modules: [],
      scratch,
      signal,
    });

  progress('compressing');
  await compressDisk(raw, input.output, signal);
}
