import { join, resolve } from 'node:path';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { type EntryName, entryFolder } from './format.ts';
import { locationOf } from './location.ts';
import { withdrawEntry } from './publish-entry.ts';
import { readUntrusted } from './read-catalogue.ts';
import { signingKey } from './signing-key.ts';

export interface Unpublication {
  /** Absolute. */
  readonly folder: string;
  readonly template: string;
  readonly version: string;
}

/** Of every architecture. The files stay, but nobody is led to them; the images are no longer kept for it. */
export async function unpublish(
  { db, directories, now }: Pick<Factory, 'db' | 'directories' | 'now'>,
  { folder, template, version }: Unpublication,
): Promise<readonly EntryName[]> {
  const { name, description, entries } = await readUntrusted(locationOf(folder));
  const found = entries.filter((each) => each.template === template && each.version === version);
  if (found.length === 0) {
    const there = entries.map((each) => `${each.template}@${each.version}`).join(', ') || 'none';
    throw new FactoryError('not-found', `${folder} has no ${template}@${version}. There are: ${there}`);
  }
  const key = await signingKey(join(directories.secrets, 'catalogue.pem'));
  for (const entry of found) await withdrawEntry({ folder, name, description, key, now: now() }, entry);
  const place = { folder: resolve(folder), template, version };
  await db.write((tx) =>
    tx
      .deleteFrom('publications')
      .where((where) => where.and(place))
      .execute(),
  );
  return found.toSorted((a, b) => entryFolder(a).localeCompare(entryFolder(b)));
}
