import { resolveBase } from '../bases/resolve-base.ts';
import type { BuildInput } from '../builds/build.ts';
import type { Factory } from '../factory.ts';
import { latest } from '../registry/channel.ts';
import { currentVersion } from '../registry/current-version.ts';
import { readVersion } from '../registry/find-versions.ts';
import type { RebuildPolicy } from './policy.ts';

/** In words, after 'since'; undefined where there is none. A template that was never built isn't rebuilt. */
export async function reasonToRebuild(
  factory: Pick<Factory, 'db' | 'now' | 'targets'>,
  { onNewBase, everyMs }: RebuildPolicy,
  build: BuildInput,
): Promise<string | undefined> {
  const { template, region, architecture, target } = build;
  const name = { target, template: template.slug, region, architecture, channel: latest };
  const current = await currentVersion(factory.db.read, name);
  if (current === undefined) return undefined;
  const last = await lastAttempt(factory, build);
  if (onNewBase) {
    const { source } = template.base;
    const base = await resolveBase(await factory.targets.get(target), { source, region, architecture });
    const { provenance } = await readVersion(factory.db.read, target, current.imageId);
    const isNew = provenance !== undefined && provenance.baseImageId !== base.imageId;
    // What failed on this base is not tried again before there is another, or before its interval.
    if (isNew && last?.baseImageId !== base.imageId) {
      return `its base ${source} has a newer image, ${base.name} (${base.imageId})`;
    }
  }
  if (everyMs === undefined) return undefined;
  const at = Math.max(Date.parse(current.createdAt), last === undefined ? 0 : Date.parse(last.at));
  const ageMs = factory.now().getTime() - at;
  return ageMs < everyMs ? undefined : `its last version is ${Math.floor(ageMs / 86_400_000)} days old`;
}

/** The last rebuild of it, whatever came of it. */
async function lastAttempt(
  { db }: Pick<Factory, 'db'>,
  { template, target, architecture }: BuildInput,
): Promise<{ readonly at: string; readonly baseImageId?: string } | undefined> {
  const row = await db.read
    .selectFrom('builds')
    .innerJoin('workflow_runs', 'workflow_runs.id', 'builds.id')
    .leftJoin('workflow_steps', (join) =>
      join.onRef('workflow_steps.run_id', '=', 'builds.id').on('workflow_steps.name', '=', 'base'),
    )
    .select(['builds.created_at', 'workflow_steps.result'])
    .where('workflow_runs.workflow', '=', 'build')
    .where('builds.template', '=', template.slug)
    .where('builds.target', '=', target)
    .where('builds.architecture', '=', architecture)
    .orderBy('builds.created_at', 'desc')
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const base = row.result === null ? undefined : (JSON.parse(row.result) as { readonly imageId: string });
  return { at: row.created_at, ...(base === undefined ? {} : { baseImageId: base.imageId }) };
}
