/** Templates by slug, in the folders that hold them, or by path. */
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, isAbsolute, join, resolve } from 'node:path';
import { nearest } from '../../platform/nearest.ts';
import { TemplateErrors } from './template-errors.ts';

export interface TemplatePlaces {
  /** Absolute; the first that has a slug wins. */
  readonly directories: readonly string[];
  /** What a relative path is relative to. */
  readonly from?: string;
}

export interface TemplateFile {
  readonly slug: string;
  /** Absolute. */
  readonly file: string;
}

const endings = ['.yml', '.yaml'];

/** Absolute path of the file. Throws `TemplateErrors` with the nearest slug, or with where it looked. */
export async function findTemplate(nameOrPath: string, places: TemplatePlaces): Promise<string> {
  if (isPath(nameOrPath)) return await existing(resolve(places.from ?? '/', nameOrPath), nameOrPath);
  const known = await templateFiles(places.directories);
  const found = known.find(({ slug }) => slug === nameOrPath);
  if (found !== undefined) return found.file;
  const near = nearest(
    nameOrPath,
    known.map(({ slug }) => slug),
  );
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  throw notFound(
    nameOrPath,
    `There is no template '${nameOrPath}' in ${places.directories.join(', ')}.${hint} ` +
      'ingot template list shows those that there are; a path such as ./mine.yml names any other',
  );
}

/** Every template of the folders, first come first; a slug that an earlier folder has isn't listed again. */
export async function templateFiles(directories: readonly string[]): Promise<readonly TemplateFile[]> {
  const found = new Map<string, TemplateFile>();
  for (const directory of directories) {
    for (const entry of (await entriesOf(directory)).toSorted()) {
      if (!endings.includes(extname(entry))) continue;
      const slug = slugOf(entry);
      if (!found.has(slug)) found.set(slug, { slug, file: join(directory, entry) });
    }
  }
  return [...found.values()];
}

export function slugOf(file: string): string {
  return basename(file, extname(file));
}

function isPath(nameOrPath: string): boolean {
  return nameOrPath.includes('/') || endings.includes(extname(nameOrPath)) || isAbsolute(nameOrPath);
}

async function existing(file: string, given: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return file;
  throw notFound(given, `There is no file ${file}`);
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function notFound(file: string, message: string): TemplateErrors {
  return new TemplateErrors([{ file, field: '', message }]);
}
