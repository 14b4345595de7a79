import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '../command.ts';

export interface InitramfsInput {
  readonly recipe: string;
  readonly stage: string;
  readonly scratch: string;
  /** Paths in the stage, in loading order. */
  readonly modules: readonly string[];
  readonly output: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * BusyBox, tiny/init and a handful of modules: a cpio archive, not compressed, because a guest under emulation
 * reads 2 MB faster than it unpacks 1. The kernel's own initramfs brings /dev/console.
 */
export async function makeInitramfs(input: InitramfsInput): Promise<void> {
  const { stage, signal } = input;
  const tree = join(input.scratch, 'initramfs');
  for (const directory of ['bin', 'dev', 'proc', 'sys', 'root'])
    await mkdir(join(tree, directory), { recursive: true });
  await copyFile(join(stage, 'bin/busybox'), join(tree, 'bin/busybox'));
  await copyFile(join(input.recipe, 'init'), join(tree, 'init'));
  await chmod(join(tree, 'init'), 0o755);
  for (const module of input.modules) await copyFile(join(stage, module), join(tree, basename(module)));
  await writeFile(join(tree, 'modules'), input.modules.map((module) => `/${basename(module)}\n`).join(''));

  const names = (await readdir(tree, { recursive: true })).toSorted();
  const create = [
    '--create',
    '--format=newc',
    '--owner=0:0',
    '--reproducible',
    '--quiet',
    `--file=${input.output}`,
  ];
  await run('cpio', create, { cwd: tree, input: `${['.', ...names].join('\n')}\n`, signal });
}
