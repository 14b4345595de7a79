import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyModules, indexModules, moduleLoadOrder } from '../debian/kernel-modules.ts';
import { readRecipeLines } from '../recipe-list.ts';

export interface KernelInput {
  readonly recipe: string;
  readonly stage: string;
  readonly tree: string;
  /** As in the package's name: `6.1.0-56-cloud-amd64`. */
  readonly version: string;
  readonly signal: AbortSignal | undefined;
}

export interface InstalledKernel {
  /** Paths in the stage, in the order to load them before the root disk can be seen. */
  readonly initramfsModules: readonly string[];
}

/** Puts the kernel and the listed modules into the tree, with the order in which the boot scripts load theirs. */
export async function installKernel(input: KernelInput): Promise<InstalledKernel> {
  const { stage, tree, version, signal } = input;
  const folder = join('lib/modules', version);
  await indexModules(stage, version, signal);

  const listed = await readRecipeLines(join(input.recipe, 'modules'));
  const orderOf = (phase: string) => {
    const names = listed.filter(([first]) => first === phase).flatMap(([, ...modules]) => modules);
    return moduleLoadOrder(stage, version, names, signal);
  };
  const initramfs = await orderOf('initramfs');
  const boot = (await orderOf('boot')).filter((path) => !initramfs.includes(path));
  const present = await orderOf('present');

  const all = [...new Set([...initramfs, ...boot, ...present])];
  await copyModules(join(stage, folder), join(tree, 'usr', folder), all);
  for (const index of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order']) {
    await copyFile(join(stage, folder, index), join(tree, 'usr', folder, index));
  }
  await indexModules(tree, version, signal);
  await writeFile(join(tree, 'usr/lib/ingot/modules'), boot.map((path) => `/${folder}/${path}\n`).join(''));

  await mkdir(join(tree, 'boot'), { recursive: true });
  await copyFile(join(stage, `boot/vmlinuz-${version}`), join(tree, 'boot/vmlinuz'));
  return { initramfsModules: initramfs.map((path) => join(folder, path)) };
}
