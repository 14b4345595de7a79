import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { run } from '../command.ts';

/** modprobe answers from an index, which Debian makes at installation and the package does not hold. */
export async function indexModules(
  root: string,
  kernel: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await run('depmod', ['--basedir', root, kernel], { signal });
}

/**
 * The modules and all they depend on, in the order they must be loaded, as paths below lib/modules/<kernel>.
 * A module that is built into this kernel adds nothing; one that this kernel does not have is an error.
 */
export async function moduleLoadOrder(
  root: string,
  kernel: string,
  modules: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const order = new Set<string>();
  for (const module of modules) {
    const printed = await run(
      'modprobe',
      ['--dirname', root, '--set-version', kernel, '--show-depends', module],
      { signal },
    );
    for (const path of parseShowDepends(printed))
      order.add(relative(join(root, 'lib/modules', kernel), path));
  }
  return [...order];
}

/** `insmod /path/to.ko options` and `builtin name` lines. */
export function parseShowDepends(printed: string): readonly string[] {
  return printed.split('\n').flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []);
}

export async function copyModules(from: string, to: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await copyFile(join(from, path), join(to, path));
  }
}
