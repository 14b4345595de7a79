/** What the last builds of a template took, where they were like the one that is planned. */
import type { BuildInput } from '../builds/build.ts';
import { type Build, listBuilds } from '../builds/find-build.ts';
import type { Factory } from '../factory.ts';

export interface PastTimes {
  /** By name; of the last time that each ran. */
  readonly steps: ReadonlyMap<string, number>;
  /** Everything but the steps: launching, booting, the proof, copies. */
  readonly otherMs: number;
  readonly baseImageId?: string;
  readonly last: Build;
}

export interface BuildKind extends Pick<BuildInput, 'target' | 'architecture'> {
  readonly template: { readonly slug: string };
}

const lookedAt = 20;

/** Undefined where the template was never built on this target for this architecture. */
export async function pastTimes(
  factory: Pick<Factory, 'db' | 'workflows' | 'now'>,
  input: BuildKind,
): Promise<PastTimes | undefined> {
  const builds = (await listBuilds(factory, { template: input.template.slug, limit: lookedAt })).filter(
    (build) =>
      build.state === 'succeeded' &&
      build.target === input.target &&
      build.architecture === input.architecture,
  );
  const [last] = builds;
  if (last === undefined) return undefined;
  const steps = new Map<string, number>();
  for (const { name, cached, durationMs } of builds.toReversed().flatMap((build) => build.steps)) {
    if (!cached) steps.set(name, durationMs);
  }
  const others = last.stages.filter(({ name }) => !name.startsWith('step:'));
  const { baseImageId } = last;
  return {
    steps,
    last,
    otherMs: others.reduce((total, { ms = 0 }) => total + ms, 0),
    ...(baseImageId === undefined ? {} : { baseImageId }),
  };
}
