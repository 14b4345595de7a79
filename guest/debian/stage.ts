import { lstat, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.ts';

/** Unpacks packages side by side into a directory, without running their scripts. */
export async function unpackPackages(
  debs: readonly string[],
  stage: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(stage, { recursive: true });
  for (const deb of debs) await run('dpkg-deb', ['--extract', deb, stage], { signal });
}

/** The first of the paths that is there, relative to the stage. Bookworm's packages still put files in /bin and /lib. */
export async function findInStage(stage: string, candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    if (await lstat(join(stage, candidate)).catch(() => undefined)) return candidate;
  }
  return undefined;
}

/** A file's path in a tree where /bin, /sbin and /lib are links into /usr. */
export function mergedPath(path: string): string {
  return /^(bin|sbin|lib|lib64)\//.test(path) ? `usr/${path}` : path;
}

/** The file a path in the stage stands for, links followed but never out of the stage. */
export async function resolveInStage(stage: string, path: string): Promise<string> {
  const target = await realpath(join(stage, path));
  if (!target.startsWith(`${await realpath(stage)}/`))
    throw new Error(`${path} leads out of the unpacked packages, to ${target}`);
  return target;
}
