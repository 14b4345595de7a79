/** A build from its request until it rests, by the stages that it passes. */
import { apiClient, replied } from '../../src/cli/api-client.ts';
import { buildEvents } from '../../src/cli/builds/build-events.ts';
import { type BuildBody, showBuild } from '../../src/cli/builds/follow-build.ts';
import type { Context } from '../../src/cli/context.ts';

/** Seconds. Parts are the server's own counting; the total is the client's clock. */
export interface BuildTimes {
  readonly total: number;
  /** From the start of the build until the machine lets somebody in and has started everything. */
  readonly machine: number;
  /** The template's steps with their layers. */
  readonly steps: number;
  /** Checks, the list of packages, cleaning, CreateImage. */
  readonly image: number;
  /** The new image's machine, up to its last check; and that both machines are gone. */
  readonly proof: number;
}

export type BuildPart = Exclude<keyof BuildTimes, 'total'>;

export async function timedBuild(context: Context, template: string, cached: number): Promise<BuildTimes> {
  const calledMs = performance.now();
  const request = apiClient(context).builds.$post({ json: { template, on_failure: 'remove' } });
  const { build_id: id } = await replied(request, context.url);
  const build = await rested(context, id);
  const total = (performance.now() - calledMs) / 1000;
  const taken = build.steps.filter((step) => step.cached).length;
  if (taken !== cached) throw new Error(`${id} took ${taken} steps from the cache, not ${cached}`);
  const sum = (part: BuildPart) =>
    build.stages.reduce((all, { name, seconds }) => all + (partOf(name) === part ? (seconds ?? 0) : 0), 0);
  return {
    total,
    machine: sum('machine'),
    steps: sum('steps'),
    image: sum('image'),
    proof: sum('proof'),
  };
}

/** Seconds until all of them rest: in one batch. */
export async function timedBatch(context: Context, templates: readonly string[]): Promise<number> {
  const calledMs = performance.now();
  const request = apiClient(context).batches.$post({
    json: { templates: [...templates], on_failure: 'remove' },
  });
  const { builds } = await replied(request, context.url);
  await Promise.all(builds.map((id) => rested(context, id)));
  return (performance.now() - calledMs) / 1000;
}

/** Milliseconds of one plan over the API. */
export async function timedPlan(context: Context, template: string): Promise<number> {
  const calledMs = performance.now();
  await replied(apiClient(context).plans.$post({ json: { template } }), context.url);
  return performance.now() - calledMs;
}

/** Throws where it did not succeed. */
async function rested(context: Context, id: string): Promise<BuildBody> {
  const options = { signal: new AbortController().signal, onAway: () => undefined };
  for await (const event of buildEvents(id, options)) void event;
  const build = await showBuild(context, id);
  if (build.status === 'succeeded') return build;
  throw new Error(`${id} is ${build.status} at '${build.error?.step}': ${build.error?.message}`);
}

function partOf(stage: string): BuildPart | undefined {
  if (['base', 'start', 'access', 'machine', 'ssh'].includes(stage)) return 'machine';
  if (stage.startsWith('step:')) return 'steps';
  if (['checks', 'packages', 'clean', 'image'].includes(stage)) return 'image';
  return stage === 'machine removed' || stage.startsWith('proof') ? 'proof' : undefined;
}
