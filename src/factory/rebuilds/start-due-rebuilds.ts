/** Looks at what each policy watches and starts the rebuilds whose time has come. */
import { randomBytes } from 'node:crypto';
import type { BuildInput } from '../builds/build.ts';
import { newBuildId } from '../builds/start-build.ts';
import { prepareBuilds } from '../builds/start-builds.ts';
import type { Factory } from '../factory.ts';
import type { RebuildPolicy } from './policy.ts';
import { reasonToRebuild } from './reason-to-rebuild.ts';
import type { RebuildInput } from './rebuild.ts';
import { rebuildWorkflowName } from './rebuild-workflow.ts';

export interface StartedRebuild {
  readonly id: string;
  readonly template: string;
  readonly why: string;
}

/** One template that can't be looked at holds up no other. */
export async function startDueRebuilds(factory: Factory): Promise<readonly StartedRebuild[]> {
  const started: StartedRebuild[] = [];
  for (const policy of factory.rebuilds.policies) {
    try {
      started.push(...(await startDue(factory, policy)));
    } catch (error) {
      const { template, target } = policy;
      factory.log.error(
        { err: error, template, target },
        'A template could not be looked at for its rebuild',
      );
    }
  }
  return started;
}

async function startDue(factory: Factory, policy: RebuildPolicy): Promise<readonly StartedRebuild[]> {
  const { template, target, promoteTo } = policy;
  const started: StartedRebuild[] = [];
  for (const build of await prepareBuilds(factory, { templates: [template], target })) {
    const why = (await isUnderWay(factory, build))
      ? undefined
      : await reasonToRebuild(factory, policy, build);
    if (why === undefined) continue;
    const id = `rebuild-${randomBytes(5).toString('hex')}`;
    const { region, architecture, version } = build;
    const input: RebuildInput = {
      ...{ template: build.template, target, region, architecture, version },
      ...{ buildId: newBuildId(), build, why, promoteTo },
    };
    await factory.workflows.start(rebuildWorkflowName, { id, input });
    factory.log.info({ rebuild: id, template, architecture, why }, 'A rebuild began');
    started.push({ id, template: build.template.slug, why });
  }
  return started;
}

/** A build of it, or a rebuild, that isn't over; a held one is looked at by somebody. */
async function isUnderWay({ db }: Factory, build: BuildInput): Promise<boolean> {
  const running = await db.read
    .selectFrom('builds')
    .innerJoin('workflow_runs', 'workflow_runs.id', 'builds.id')
    .select('builds.id')
    .where('workflow_runs.state', 'in', ['running', 'ending', 'held'])
    .where('builds.template', '=', build.template.slug)
    .where('builds.target', '=', build.target)
    .where('builds.architecture', '=', build.architecture)
    .executeTakeFirst();
  if (running !== undefined) return true;
  const rebuilds = await db.read
    .selectFrom('workflow_runs')
    .select('input')
    .where('workflow', '=', rebuildWorkflowName)
    .where('state', 'in', ['running', 'ending', 'held'])
    .execute();
  return rebuilds.some(({ input }) => {
    const other = JSON.parse(input) as RebuildInput;
    return (
      other.template.slug === build.template.slug &&
      other.target === build.target &&
      other.architecture === build.architecture
    );
  });
}
