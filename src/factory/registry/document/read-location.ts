/**
 * A registry that somebody else serves: a file, a directory with a `registry.json` in it, or such a file behind HTTP.
 * What was read over HTTP is kept, and answers where the location can't be reached.
 */
import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '../../../platform/files.ts';
import { FactoryError } from '../../factory-error.ts';
import { parseRegistry } from './import-registry.ts';
import type { RegistryDocument } from './schema.ts';

export interface RegistryLocation {
  /** An absolute path or an http(s) URL. A URL that doesn't end in `.json` has `/registry.json` added. */
  readonly location: string;
  /** Where its images are. */
  readonly target: string;
}

/** The registries of others that a home is told of. */
export interface Registries extends LocationReader {
  readonly locations: readonly RegistryLocation[];
}

export interface LocationAnswer {
  readonly document: RegistryDocument;
  /** Why this is a copy from before, and from when. */
  readonly stale?: { readonly reason: string; readonly readAt: string };
}

export interface LocationReader {
  /** For copies of what HTTP served. */
  readonly directory: string;
  readonly now: () => Date;
}

/** A copy this young isn't asked for again. */
const freshMs = 60_000;
const timeoutMs = 15_000;
const fileName = 'registry.json';

/** Throws where there is neither an answer nor a copy. */
export async function readLocation(
  { location }: Pick<RegistryLocation, 'location'>,
  reader: LocationReader,
): Promise<LocationAnswer> {
  if (!/^https?:/.test(location)) return { document: await readFiles(location) };
  const url = location.endsWith('.json') ? location : `${location.replace(/\/$/, '')}/${fileName}`;
  const copy = await readCopy(url, reader);
  if (copy !== undefined && reader.now().getTime() - Date.parse(copy.readAt) < freshMs) return copy;
  try {
    return await readUrl(url, reader, copy);
  } catch (error) {
    if (copy === undefined) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return { document: copy.document, stale: { reason, readAt: copy.readAt } };
  }
}

async function readFiles(path: string): Promise<RegistryDocument> {
  const found = await stat(path).catch(() => undefined);
  const file = found?.isDirectory() ? join(path, fileName) : path;
  const text = await readIfPresent(file);
  if (text === undefined) throw new FactoryError('not-found', `There is no registry at ${file}`);
  return parseRegistry(text, file);
}

interface Copy {
  readonly document: RegistryDocument;
  readonly readAt: string;
  readonly etag?: string;
}

async function readUrl(url: string, reader: LocationReader, copy: Copy | undefined): Promise<LocationAnswer> {
  const headers = copy?.etag === undefined ? {} : { 'if-none-match': copy.etag };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) }).catch((cause) => {
    throw new FactoryError('target', `${url} does not answer`, { cause });
  });
  const readAt = reader.now().toISOString();
  if (response.status === 304 && copy !== undefined) {
    await writeCopy(url, reader, { ...copy, readAt });
    return { document: copy.document };
  }
  if (!response.ok) throw new FactoryError('target', `${url} answers ${response.status}`);
  const document = parseRegistry(await response.text(), url);
  const etag = response.headers.get('etag');
  await writeCopy(url, reader, { document, readAt, ...(etag === null ? {} : { etag }) });
  return { document };
}

async function readCopy(url: string, { directory }: LocationReader): Promise<Copy | undefined> {
  const text = await readIfPresent(copyFile(url, directory));
  return text === undefined ? undefined : (JSON.parse(text) as Copy);
}

async function writeCopy(url: string, { directory }: LocationReader, copy: Copy): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeDurably(copyFile(url, directory), JSON.stringify(copy));
}

function copyFile(url: string, directory: string): string {
  return join(directory, `${createHash('sha256').update(url).digest('hex').slice(0, 16)}.json`);
}
