/** CATALOGUE/TEMPLATE[@VERSION]: an entry of a catalogue that this home trusts, as a launch names it. */
import type { Architecture } from '../../platform/ids.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { EntryName, Manifest } from './format.ts';
import { browseCatalogue, listCatalogues } from './known-catalogues.ts';
import { readManifest } from './read-catalogue.ts';

type Store = Pick<Factory, 'db' | 'now'>;

export interface NamedEntry {
  readonly catalogue: string;
  readonly location: string;
  /** 'SHA256:…' of the key that signs it. */
  readonly fingerprint: string;
  /** Verified now. */
  readonly manifest: Manifest;
}

export interface EntryQuestion {
  /** `lab/web` */
  readonly name: string;
  readonly version?: string | undefined;
  readonly architecture: Architecture;
}

/** The catalogue that a name begins with; undefined where none is known by it. */
export async function catalogueOf(store: Store, name: string): Promise<string | undefined> {
  const [, catalogue, rest] = /^([^/]+)\/([^/]+)$/.exec(name) ?? [];
  if (catalogue === undefined || rest === undefined) return undefined;
  return (await listCatalogues(store)).find((each) => each.name === catalogue)?.name;
}

/** The newest publication unless a version is told. Throws where the catalogue has none, or is not as it was signed. */
export async function namedEntry(store: Store, question: EntryQuestion): Promise<NamedEntry> {
  const [catalogue = '', template = ''] = question.name.split('/');
  const known = (await listCatalogues(store)).find((each) => each.name === catalogue);
  const { catalogue: index, location } = await browseCatalogue(store, catalogue);
  const entries = index.entries
    .filter((each) => each.template === template && each.architecture === question.architecture)
    .filter(({ version }) => question.version === undefined || version === question.version)
    .toSorted((a, b) => b.publishedAt.localeCompare(a.publishedAt));
  const [entry] = entries;
  if (entry === undefined) throw noEntry(catalogue, question, index.entries);
  return {
    catalogue,
    location: location.name,
    fingerprint: known?.fingerprint ?? '',
    manifest: await readManifest(location, entry),
  };
}

function noEntry(
  catalogue: string,
  { name, version, architecture }: EntryQuestion,
  entries: readonly EntryName[],
): FactoryError {
  const wanted = version === undefined ? name : `${name}@${version}`;
  const there = entries.map((each) => `${each.template}@${each.version} (${each.architecture})`);
  return new FactoryError(
    'not-found',
    `The catalogue ${catalogue} has no ${wanted} for ${architecture}. There are: ${there.join(', ') || 'none'}`,
  );
}
