/** Adds an entry to a catalogue in a folder, or replaces it. The index comes last: what it doesn't name isn't there. */
import { createHash, type KeyObject } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readIfPresent, writeDurably } from '../../platform/files.ts';
import {
  type Catalogue,
  type Entry,
  type EntryName,
  entryFolder,
  indexFile,
  indexSchema,
  indexType,
  type Manifest,
  manifestSchema,
} from './format.ts';
import { locationOf } from './location.ts';
import { readCatalogue } from './read-catalogue.ts';
import { publicKeyText, sealed } from './signature.ts';

export interface Publication {
  /** The catalogue's; made where it isn't there. */
  readonly folder: string;
  /** Of a catalogue that is made. */
  readonly name: string;
  readonly description: string;
  readonly key: KeyObject;
  readonly now: Date;
}

export interface EntryToPublish {
  readonly manifest: Omit<Manifest, 'files' | 'publishedAt'>;
  /** By name: 'template.yml', 'provenance.json', … */
  readonly files: Readonly<Record<string, string>>;
  /** Those that stand in the entry's folder already. */
  readonly written?: Manifest['files'];
}

/** Throws where the catalogue in the folder is somebody else's: signed by another key, or altered. */
export async function publishEntry(publication: Publication, entry: EntryToPublish): Promise<Catalogue> {
  const before = await currentCatalogue(publication);
  const manifest = manifestSchema.parse({
    ...entry.manifest,
    publishedAt: publication.now.toISOString(),
    files: {
      ...entry.written,
      ...Object.fromEntries(Object.entries(entry.files).map(([name, text]) => [name, digested(text)])),
    },
  } satisfies Manifest);
  const folder = join(resolve(publication.folder), entryFolder(manifest));
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(entry.files)) await writeDurably(join(folder, name), text);
  const manifestText = `${JSON.stringify(manifest, undefined, 2)}\n`;
  await writeDurably(join(folder, 'manifest.json'), manifestText);
  const { template, version, architecture, description, sizeGiB, publishedAt } = manifest;
  const listed: Entry = {
    ...{ template, version, architecture, description, sizeGiB, publishedAt },
    manifest: digested(manifestText).sha256,
  };
  return await writeIndex(publication, before, [...withoutEntry(before, listed), listed]);
}

/** Its files stay; nobody is led to them any more. Answers undefined where the catalogue doesn't list it. */
export async function withdrawEntry(
  publication: Publication,
  name: EntryName,
): Promise<Catalogue | undefined> {
  const before = await currentCatalogue(publication);
  const rest = withoutEntry(before, name);
  if (before === undefined || rest.length === before.entries.length) return undefined;
  return await writeIndex(publication, before, rest);
}

async function currentCatalogue({ folder, key }: Publication): Promise<Catalogue | undefined> {
  if ((await readIfPresent(join(folder, indexFile))) === undefined) return undefined;
  return await readCatalogue(locationOf(folder), { publicKey: publicKeyText(key) });
}

async function writeIndex(
  { folder, name, description, key, now }: Publication,
  before: Catalogue | undefined,
  entries: readonly Entry[],
): Promise<Catalogue> {
  const catalogue = indexSchema.parse({
    name: before?.name ?? name,
    description: before?.description ?? description,
    publicKey: publicKeyText(key),
    sequence: (before?.sequence ?? 0) + 1,
    updatedAt: now.toISOString(),
    entries: [...entries],
  } satisfies Catalogue);
  const payload = Buffer.from(`${JSON.stringify(catalogue, undefined, 2)}\n`);
  await writeDurably(join(folder, indexFile), sealed(indexType, payload, key));
  return catalogue;
}

function withoutEntry(catalogue: Catalogue | undefined, name: EntryName): readonly Entry[] {
  return (catalogue?.entries ?? []).filter((entry) => entryFolder(entry) !== entryFolder(name));
}

function digested(text: string): { readonly sha256: string; readonly bytes: number } {
  return { sha256: createHash('sha256').update(text).digest('hex'), bytes: Buffer.byteLength(text) };
}
