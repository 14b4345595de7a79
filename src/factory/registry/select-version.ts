import type { Kysely } from 'kysely';
import { FactoryError } from '../factory-error.ts';
import { type Places, type Reference, selectVersions } from './reference.ts';
import { placeName } from './set-channel.ts';
import type { RegistryTables } from './table.ts';
import type { VersionEntry } from './version-row.ts';

/** The one version that is meant. Where the reference stands for several places, they are to be narrowed to one. */
export async function selectVersion(
  db: Pick<Kysely<RegistryTables>, 'selectFrom'>,
  reference: Reference,
  places: Places,
): Promise<VersionEntry> {
  const [first, ...others] = await selectVersions(db, reference, places);
  if (first !== undefined && others.length === 0) return first;
  const found = [first, ...others].flatMap((version) => (version === undefined ? [] : [placeName(version)]));
  throw new FactoryError(
    'conflict',
    `${first?.template} has this version in ${found.join(', ')}: say which region and architecture`,
  );
}

/** Two versions to be compared are of one place: where the reference leaves it open, the first that both have. */
export async function selectPair(
  db: Pick<Kysely<RegistryTables>, 'selectFrom'>,
  references: readonly [Reference, Reference],
  places: Places,
): Promise<readonly [VersionEntry, VersionEntry]> {
  const from = await selectVersions(db, references[0], places);
  const to = await selectVersions(db, references[1], places);
  for (const left of from) {
    const right = to.find((each) => placeName(each) === placeName(left));
    if (right !== undefined) return [left, right];
  }
  const [left, right] = [from[0], to[0]];
  if (from.length === 1 && to.length === 1 && left !== undefined && right !== undefined) return [left, right];
  throw new FactoryError(
    'conflict',
    `No place has both: ${from.map(placeName).join(', ')} has the one, ${to.map(placeName).join(', ')} the other. ` +
      'Name the images by their ids',
  );
}
