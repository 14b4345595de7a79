/** The name of a build's version: free in every place that will have it, also of builds that are still under way. */
import type { Architecture } from '../../platform/ids.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { findVersions } from '../registry/find-versions.ts';
import { defaultVersion } from '../versions/default-version.ts';

export interface VersionPlaces {
  /** The template's slug, and the folder that it lies in. */
  readonly template: string;
  readonly directory: string;
  readonly target: string;
  readonly architecture: Architecture;
  readonly regions: readonly string[];
}

/** Throws where the one that is given is taken; without one, finds one. */
export async function buildVersion(
  factory: Pick<Factory, 'db' | 'now'>,
  places: VersionPlaces,
  given: string | undefined,
): Promise<string> {
  if (given === undefined) {
    const isTaken = async (version: string) => (await takenBy(factory, places, version)) !== undefined;
    return await defaultVersion({ directory: places.directory, now: factory.now(), isTaken });
  }
  const taken = await takenBy(factory, places, given);
  if (taken === undefined) return given;
  const { template, architecture } = places;
  throw new FactoryError(
    'conflict',
    `${template} has a version ${given} for ${architecture} already: ${taken}. ` +
      'Give another with --version, or none to have one found',
  );
}

/** In words: an image, or a build that will make it. */
async function takenBy(
  { db }: Pick<Factory, 'db'>,
  { template, target, architecture, regions }: VersionPlaces,
  version: string,
): Promise<string | undefined> {
  const known = await findVersions(db.read, { template, target, architecture, version });
  const registered = known.find(({ region }) => regions.includes(region));
  if (registered !== undefined) return `${registered.imageId} in ${registered.region}`;
  const underWay = await db.read
    .selectFrom('builds')
    .innerJoin('workflow_runs', 'workflow_runs.id', 'builds.id')
    .select('builds.id')
    .where('workflow_runs.workflow', '=', 'build')
    .where('workflow_runs.state', 'in', ['running', 'ending', 'held'])
    .where('builds.template', '=', template)
    .where('builds.target', '=', target)
    .where('builds.architecture', '=', architecture)
    .where('builds.version', '=', version)
    .where('builds.region', 'in', [...regions])
    .executeTakeFirst();
  return underWay === undefined ? undefined : `${underWay.id} is making it`;
}
