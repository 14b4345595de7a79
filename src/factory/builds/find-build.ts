/** A build as people see it: its row, its run, and what its steps answered. */
import type { Architecture } from '../../platform/ids.ts';
import type { Run, RunState } from '../../platform/workflows/workflow.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { BootProof, ValidationResult } from '../registry/version.ts';
import type { BuildInput, BuildResults, CopiedImage, StepDone } from './build.ts';
import { checksTold } from './checks-told.ts';
import type { BuildTable } from './table.ts';

export interface Build {
  readonly id: string;
  readonly batchId?: string;
  readonly template: string;
  readonly version: string;
  readonly target: string;
  readonly region: string;
  readonly architecture: Architecture;
  readonly imageName: string;
  readonly baseImageId?: string;
  readonly state: RunState;
  readonly createdAt: string;
  readonly endedAt?: string;
  readonly buildTimeMs: number;
  /** The image in the build's own region. */
  readonly imageId?: string;
  readonly copies: readonly CopiedImage[];
  /** The machine that it was built on; there still while the build is held. */
  readonly instanceId?: string;
  readonly validationResults: readonly ValidationResult[];
  readonly proof?: BootProof;
  readonly steps: readonly (StepDone & { readonly name: string })[];
  readonly stages: readonly { readonly name: string; readonly state: string; readonly ms?: number }[];
  readonly error?: { readonly step: string; readonly message: string };
  /** What could not be removed: still there. */
  readonly leftOver: readonly { readonly step: string; readonly message: string }[];
}

export async function findBuild(
  factory: Pick<Factory, 'db' | 'workflows' | 'now'>,
  id: string,
): Promise<Build> {
  const row = await factory.db.read.selectFrom('builds').selectAll().where('id', '=', id).executeTakeFirst();
  const run = row === undefined ? undefined : await factory.workflows.find(id);
  if (row === undefined || run === undefined) {
    throw new FactoryError('not-found', `There is no build '${id}'; ingot ami builds lists them`);
  }
  return await shown(factory, row, run);
}

export interface BuildChoice {
  readonly template?: string | undefined;
  readonly batchId?: string | undefined;
  readonly limit: number;
  /** Only what comes after this build in the list. */
  readonly after?: { readonly createdAt: string; readonly id: string } | undefined;
}

/** Newest first. */
export async function listBuilds(
  factory: Pick<Factory, 'db' | 'workflows' | 'now'>,
  { template, batchId, limit, after }: BuildChoice,
): Promise<readonly Build[]> {
  // Validations have rows of their own there.
  let query = factory.db.read.selectFrom('builds').selectAll().where('id', 'like', 'build-%');
  if (template !== undefined) query = query.where('template', '=', template);
  if (batchId !== undefined) query = query.where('batch_id', '=', batchId);
  if (after !== undefined) {
    query = query.where((where) =>
      where.or([
        where('created_at', '<', after.createdAt),
        where.and([where('created_at', '=', after.createdAt), where('id', '>', after.id)]),
      ]),
    );
  }
  const rows = await query.orderBy('created_at', 'desc').orderBy('id').limit(limit).execute();
  const builds = await Promise.all(
    rows.map(async (row) => {
      const run = await factory.workflows.find(row.id);
      return run === undefined ? [] : [await shown(factory, row, run)];
    }),
  );
  return builds.flat();
}

async function shown(
  { workflows, now }: Pick<Factory, 'workflows' | 'now'>,
  row: BuildTable,
  run: Run,
): Promise<Build> {
  const build = toBuild(row, run, now());
  const failedChecks = build.error?.step === 'checks' || build.error?.step === 'proof';
  if (!failedChecks) return build;
  return { ...build, validationResults: await checksTold(workflows.journals, row.id) };
}

function toBuild(row: BuildTable, run: Run, now: Date): Build {
  const input = run.input as BuildInput;
  const results = new Map(run.steps.map(({ name, result }) => [name, result]));
  const result = <Name extends keyof BuildResults>(name: Name) =>
    results.get(name) as BuildResults[Name] | undefined;
  const image = run.state === 'failed' || run.state === 'cancelled' ? undefined : result('image');
  const base = result('base');
  const machine = result('machine');
  const proof = result('proof');
  const steps = input.template.steps.flatMap(({ name }) => {
    const done = result(`step:${name}`);
    return done === undefined ? [] : [{ name, ...done }];
  });
  return {
    id: row.id,
    ...(row.batch_id === null ? {} : { batchId: row.batch_id }),
    template: row.template,
    version: row.version,
    target: row.target,
    region: row.region,
    architecture: row.architecture,
    imageName: row.image_name,
    ...(base === undefined ? {} : { baseImageId: base.imageId }),
    state: run.state,
    createdAt: row.created_at,
    ...(run.endedAt === undefined ? {} : { endedAt: run.endedAt }),
    buildTimeMs: Date.parse(run.endedAt ?? now.toISOString()) - Date.parse(row.created_at),
    ...(image === undefined ? {} : { imageId: image.imageId }),
    copies: result('copies') ?? [],
    ...(machine === undefined ? {} : { instanceId: machine.instanceId }),
    validationResults: proof?.validations ?? result('checks') ?? [],
    ...(proof === undefined ? {} : { proof }),
    steps,
    stages: run.steps.map(({ name, state, ms }) => ({ name, state, ...(ms === undefined ? {} : { ms }) })),
    ...(run.failure === undefined ? {} : { error: run.failure }),
    leftOver: run.leftOver,
  };
}
