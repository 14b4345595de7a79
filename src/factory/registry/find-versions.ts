/** Reading versions: lists without their long texts, one whole. */
import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import type { Architecture } from '../../platform/ids.ts';
import { FactoryError } from '../factory-error.ts';
import { compareVersions } from '../versions/compare-versions.ts';
import type { RegistryTables } from './table.ts';
import type { TemplateVersion } from './version.ts';
import { entryColumns, toEntry, toVersion, type VersionEntry } from './version-row.ts';

/** Every field given must hold. */
export interface VersionFilter {
  readonly target?: string | undefined;
  readonly template?: string | undefined;
  readonly version?: string | undefined;
  readonly region?: string | undefined;
  readonly architecture?: Architecture | undefined;
  readonly imageId?: string | undefined;
}

type Reader = Pick<Kysely<RegistryTables>, 'selectFrom'>;

/** Newest first, in the order of versions. */
export async function findVersions(db: Reader, filter: VersionFilter): Promise<readonly VersionEntry[]> {
  const rows = await db
    .selectFrom('versions')
    .select(entryColumns)
    .select(sql<number>`proof is not null`.as('has_proof'))
    .where((where) => matches(where, filter))
    .execute();
  return rows.map(toEntry).sort(newestFirst);
}

export async function findImageVersion(
  db: Reader,
  target: string,
  imageId: string,
): Promise<VersionEntry | undefined> {
  return (await findVersions(db, { target, imageId }))[0];
}

/** With provenance, proof and packages. */
export async function readVersion(db: Reader, target: string, imageId: string): Promise<TemplateVersion> {
  const row = await db
    .selectFrom('versions')
    .selectAll()
    .where('target', '=', target)
    .where('image_id', '=', imageId)
    .executeTakeFirst();
  if (row === undefined) {
    throw new FactoryError('not-found', `No version is registered for ${imageId} in the target ${target}`);
  }
  const found = await db
    .selectFrom('version_packages')
    .select('packages')
    .where('target', '=', target)
    .where('image_id', '=', imageId)
    .executeTakeFirst();
  return toVersion(row, found?.packages);
}

/** By version, then region and architecture, so that a list always reads the same. */
function newestFirst(a: VersionEntry, b: VersionEntry): number {
  return compareVersions(b, a) || placeOf(a).localeCompare(placeOf(b));
}

function placeOf({ target, region, architecture }: VersionEntry): string {
  return `${target} ${region} ${architecture}`;
}

function matches(where: ExpressionBuilder<RegistryTables, 'versions'>, filter: VersionFilter) {
  return where.and({
    ...(filter.target === undefined ? {} : { target: filter.target }),
    ...(filter.template === undefined ? {} : { template: filter.template }),
    ...(filter.version === undefined ? {} : { version: filter.version }),
    ...(filter.region === undefined ? {} : { region: filter.region }),
    ...(filter.architecture === undefined ? {} : { architecture: filter.architecture }),
    ...(filter.imageId === undefined ? {} : { image_id: filter.imageId }),
  });
}
