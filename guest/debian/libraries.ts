import { join } from 'node:path';
import { run } from '../command.ts';
import { findInStage } from './stage.ts';

/**
 * Every shared library that the programs need, directly or through another library, as paths inside the stage.
 * Reads ELF headers only, so it works for any architecture. The dynamic loader is named by the libraries themselves.
 */
export async function libraryClosure(
  stage: string,
  programs: readonly string[],
  multiarch: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const folders = [`lib/${multiarch}`, `usr/lib/${multiarch}`, 'usr/libexec/sudo', 'lib', 'lib64'];
  const found = new Set<string>();
  let frontier = programs;
  while (frontier.length > 0) {
    const needed = await neededLibraries(stage, frontier, signal);
    const next: string[] = [];
    for (const [library, neededBy] of needed) {
      const candidates = folders.map((folder) => `${folder}/${library}`);
      const path = await findInStage(stage, candidates);
      if (path === undefined) {
        throw new Error(
          `${neededBy} needs ${library}, which is in none of the packages listed: add its package to the list`,
        );
      }
      if (!found.has(path)) next.push(path);
      found.add(path);
    }
    frontier = next;
  }
  return [...found].toSorted();
}

/** Library name → one of the files that needs it. Files that are not ELF or are static need nothing. */
async function neededLibraries(stage: string, files: readonly string[], signal: AbortSignal | undefined) {
  const printed = await run('readelf', ['--dynamic', '--wide', ...files.map((file) => join(stage, file))], {
    signal,
  });
  return parseNeeded(printed, files);
}

/** readelf prints `File: …` before each file when given several. */
export function parseNeeded(printed: string, files: readonly string[]): ReadonlyMap<string, string> {
  const needed = new Map<string, string>();
  let file = files[0] ?? '';
  for (const line of printed.split('\n')) {
    file = /^File: (.*)$/.exec(line)?.[1] ?? file;
    const library = /\(NEEDED\).*\[(.+)\]/.exec(line)?.[1];
    if (library !== undefined) needed.set(library, file);
  }
  return needed;
}
