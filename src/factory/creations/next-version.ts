import type { Architecture } from '../../platform/ids.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { findVersions } from '../registry/find-versions.ts';
import type { CreationTable } from './table.ts';

export interface SavedPlaces {
  readonly target: string;
  readonly template: string;
  readonly architecture: Architecture;
  readonly regions: readonly string[];
}

/** `v1`, `v2`, …: one more than the highest that is registered or under way, wherever it is. */
export async function nextVersion(
  { db }: Pick<Factory, 'db'>,
  { target, template }: Pick<SavedPlaces, 'target' | 'template'>,
): Promise<string> {
  const registered = await findVersions(db.read, { target, template });
  const making = await underWay(db, { target, template });
  const numbers = [...registered, ...making].map(({ version }) =>
    Number(/^v(\d+)(?:\.|$)/.exec(version)?.[1]),
  );
  return `v${Math.max(0, ...numbers.filter(Number.isInteger)) + 1}`;
}

export async function refuseTakenVersion(
  { db }: Pick<Factory, 'db'>,
  { target, template, architecture, regions }: SavedPlaces,
  version: string,
): Promise<void> {
  const known = await findVersions(db.read, { target, template, architecture, version });
  const [taken] = known.filter(({ region }) => regions.includes(region));
  const making = (await underWay(db, { target, template })).find(
    (each) => each.version === version && each.architecture === architecture && regions.includes(each.region),
  );
  const by = taken?.imageId ?? making?.id;
  if (by === undefined) return;
  throw new FactoryError(
    'conflict',
    `${template} has a version ${version} already: ${by}. Give another, or none to have the next one`,
  );
}

async function underWay(
  db: Factory['db'],
  { target, template }: Pick<SavedPlaces, 'target' | 'template'>,
): Promise<readonly Pick<CreationTable, 'id' | 'version' | 'region' | 'architecture'>[]> {
  return await db.read
    .selectFrom('creations')
    .innerJoin('workflow_runs', 'workflow_runs.id', 'creations.id')
    .select(['creations.id', 'creations.version', 'creations.region', 'creations.architecture'])
    .where('workflow_runs.state', 'in', ['running', 'ending', 'held'])
    .where('creations.target', '=', target)
    .where('creations.template', '=', template)
    .execute();
}
