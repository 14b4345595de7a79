/**
 * The catalogues that this home trusts. A key is trusted when it is added: shown before, or named by whoever adds it.
 * From then on only that key's signature counts.
 */
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { type Catalogue, type EntryName, entryFolder, type Manifest, showEntry } from './format.ts';
import { type Location, locationOf } from './location.ts';
import { readCatalogue, readManifest, readUntrusted } from './read-catalogue.ts';
import { fingerprint } from './signature.ts';

type Store = Pick<Factory, 'db' | 'now'>;

export interface KnownCatalogue {
  readonly name: string;
  readonly location: string;
  /** 'SHA256:…' */
  readonly fingerprint: string;
  readonly addedAt: string;
}

/** What would be trusted, for whoever has to decide. */
export async function inspectCatalogue(
  given: string,
): Promise<{ readonly catalogue: Catalogue; readonly fingerprint: string; readonly location: string }> {
  const location = locationOf(given);
  const catalogue = await readUntrusted(location);
  return { catalogue, fingerprint: fingerprint(catalogue.publicKey), location: location.name };
}

/** `expected`: the fingerprint that was agreed to; another key is refused. */
export async function addCatalogue(
  { db, now }: Store,
  given: string,
  expected: string,
): Promise<KnownCatalogue> {
  const { catalogue, location, fingerprint: found } = await inspectCatalogue(given);
  if (found !== expected) {
    throw new FactoryError('conflict', `${location} is signed by ${found}, not by ${expected}`);
  }
  const { name, publicKey: public_key, sequence } = catalogue;
  const row = { name, location, public_key, sequence, added_at: now().toISOString() };
  await db.write(async (tx) => {
    const known = await tx.selectFrom('catalogues').selectAll().where('name', '=', name).executeTakeFirst();
    if (known !== undefined) {
      throw new FactoryError(
        'conflict',
        `A catalogue ${name} is known already, at ${known.location}; remove that one first`,
      );
    }
    await tx.insertInto('catalogues').values(row).execute();
  });
  return toKnown(row);
}

export async function listCatalogues({ db }: Store): Promise<readonly KnownCatalogue[]> {
  return (await db.read.selectFrom('catalogues').selectAll().orderBy('name').execute()).map(toKnown);
}

export async function removeCatalogue(store: Store, name: string): Promise<void> {
  await find(store, name);
  await store.db.write((tx) => tx.deleteFrom('catalogues').where('name', '=', name).execute());
}

/** As it is published now; that it never goes back is remembered. */
export async function browseCatalogue(
  store: Store,
  name: string,
): Promise<{ readonly catalogue: Catalogue; readonly location: Location }> {
  const { location: place, public_key: publicKey, sequence } = await find(store, name);
  const location = locationOf(place);
  const catalogue = await readCatalogue(location, { publicKey, sequence });
  await store.db.write((tx) =>
    tx
      .updateTable('catalogues')
      .set({ sequence: catalogue.sequence })
      .where('name', '=', name)
      .where('sequence', '<', catalogue.sequence)
      .execute(),
  );
  return { catalogue, location };
}

export async function catalogueEntry(store: Store, name: string, wanted: EntryName): Promise<Manifest> {
  const { catalogue, location } = await browseCatalogue(store, name);
  const entry = catalogue.entries.find((each) => entryFolder(each) === entryFolder(wanted));
  if (entry === undefined) {
    throw new FactoryError('not-found', `The catalogue ${name} has no ${showEntry(wanted)}`);
  }
  return await readManifest(location, entry);
}

async function find({ db }: Store, name: string) {
  const row = await db.read.selectFrom('catalogues').selectAll().where('name', '=', name).executeTakeFirst();
  if (row !== undefined) return row;
  const known = await db.read.selectFrom('catalogues').select('name').orderBy('name').execute();
  const there = known.map((each) => each.name).join(', ') || 'none; ingot catalogue add LOCATION adds one';
  throw new FactoryError('not-found', `No catalogue ${name} is known here. There are: ${there}`);
}

function toKnown(row: {
  readonly name: string;
  readonly location: string;
  readonly public_key: string;
  readonly added_at: string;
}): KnownCatalogue {
  const { name, location, public_key, added_at } = row;
  return { name, location, fingerprint: fingerprint(public_key), addedAt: added_at };
}
