/** The repository as its tests read it: files, and what each imports. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

/** Paths from the root, of all files that are or will be in the repository. */
export const files: readonly string[] = spawnSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard'],
  { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 },
)
  .stdout.split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)))
  .sort();

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Code that ships: without tests and what stands only beneath them. */
export function shipped(folder: string): readonly string[] {
  return files.filter(
    (file) =>
      file.startsWith(`${folder}/`) &&
      file.endsWith('.ts') &&
      !file.endsWith('.test.ts') &&
      !file.includes('/testing/'),
  );
}

export interface Import {
  readonly from: string;
  /** A path from the root, or a package's or built-in's name as written. */
  readonly to: string;
  readonly typeOnly: boolean;
  /** `import('…')`: loaded when that line runs. */
  readonly lazy: boolean;
}

const importPattern =
  /^\s*(?:import|export)\s+(?<type>type\s)?[^'"`;]*?\bfrom\s+'(?<from>[^']+)'|^\s*import\s+'(?<bare>[^']+)'|\bimport\(\s*'(?<lazy>[^']+)'\s*\)/gm;

export function importsOf(file: string): readonly Import[] {
  return [...withoutComments(read(file)).matchAll(importPattern)].map(({ groups = {} }) => {
    const written = groups.from ?? groups.bare ?? groups.lazy ?? '';
    const to = written.startsWith('.') ? posix.join(dirname(file), written) : written;
    return { from: file, to, typeOnly: groups.type !== undefined, lazy: groups.lazy !== undefined };
  });
}

function withoutComments(source: string): string {
  return source.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
}
