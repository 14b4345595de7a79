/** What a build would do, found out by asking and never by doing. */

import type { Tags } from '../aws/tags.ts';
import { resolveBase } from '../bases/resolve-base.ts';
import type { ResolvedBase } from '../bases/resolved-base.ts';
import type { BuildInput } from '../builds/build.ts';
import { type BuildRequest, prepareBuild } from '../builds/prepare-build.ts';
import { type NameClash, nameClashes } from '../builds/start-build.ts';
import { imageTags } from '../builds/steps/build-tags.ts';
import { findLayers } from '../cache/layers.ts';
import { longestPrefix } from '../cache/longest-prefix.ts';
import { stepKeys } from '../cache/step-keys.ts';
import type { Factory } from '../factory.ts';
import { latest } from '../registry/channel.ts';
import { currentVersion } from '../registry/current-version.ts';
import { checkTarget, type TargetCheck } from '../targets/check-target.ts';
import type { Feature } from '../targets/features.ts';
import { pastTimes } from './past-times.ts';
import { type Outlived, retentionThen } from './retention-then.ts';

export interface BuildPlan {
  readonly input: BuildInput;
  readonly base: ResolvedBase;
  /** The image that the last build of the template here began from, where it was another. */
  readonly baseBefore?: string;
  readonly steps: readonly PlannedStep[];
  readonly nameClashes: readonly NameClash[];
  /** What the target's login may not do, or is not known to. */
  readonly permissions: readonly TargetCheck[];
  readonly tags: Tags;
  readonly channelMoves: readonly ChannelMovePlan[];
  readonly beyondRetention: readonly Outlived[];
  /** From past builds; absent where there are none to go by. */
  readonly expectedMs?: number;
  /** US dollars, of the machines' time. */
  readonly expectedCost?: number;
}

export interface PlannedStep {
  readonly name: string;
  readonly key: string;
  readonly cached: boolean;
  /** Why it runs; of the first that does. */
  readonly why?: string;
  readonly expectedMs?: number;
}

export interface ChannelMovePlan {
  readonly region: string;
  readonly channel: string;
  readonly from?: string;
  readonly to: string;
}

export async function planBuild(factory: Factory, request: BuildRequest): Promise<BuildPlan> {
  const input = await prepareBuild(factory, request);
  const target = await factory.targets.get(input.target);
  const ec2 = await target.client(input.region);
  const { source } = input.template.base;
  const base = await resolveBase(target, { source, region: input.region, architecture: input.architecture });
  const keys = stepKeys(input, base);
  const layers =
    input.cache.use && keys.length > 0 ? await findLayers(ec2, { region: input.region, keys }) : [];
  const prefix = longestPrefix(input.template.steps, keys, input.cache, layers, factory.now());
  const times = await pastTimes(factory, input);
  const steps = input.template.steps.map((step, position): PlannedStep => {
    const cached = position < prefix.steps;
    const expectedMs = cached ? 0 : times?.steps.get(step.name);
    return {
      name: step.name,
      key: keys[position] ?? '',
      cached,
      ...(position === prefix.steps ? { why: prefix.why } : {}),
      ...(expectedMs === undefined ? {} : { expectedMs }),
    };
  });
  const wanted: Feature[] = ['build', ...(input.cache.use ? (['cache'] as const) : [])];
  if (input.copyTo.length > 0) wanted.push('copy');
  if (input.share.public || input.share.accounts.length > 0) wanted.push('share');
  const checks = await checkTarget(target, { region: input.region, wanted });
  const baseBefore = times?.baseImageId === base.imageId ? undefined : times?.baseImageId;
  const expectedMs = times === undefined ? undefined : times.otherMs + sum(steps);
  return {
    input,
    base,
    ...(baseBefore === undefined ? {} : { baseBefore }),
    steps,
    nameClashes: await nameClashes(factory, input),
    permissions: checks.filter(({ status }) => status !== 'passed'),
    tags: imageTags('build-…', input, base),
    channelMoves: await channelMoves(factory, input),
    beyondRetention: await retentionThen(factory, input),
    ...(expectedMs === undefined ? {} : { expectedMs, ...costOf(input, expectedMs) }),
  };
}

function sum(steps: readonly PlannedStep[]): number {
  return steps.reduce((total, { expectedMs = 0 }) => total + expectedMs, 0);
}

function costOf({ template, architecture }: BuildInput, ms: number): { readonly expectedCost?: number } {
  const perHour = template.estimatedCostPerHour[architecture];
  return perHour === undefined ? {} : { expectedCost: (perHour * ms) / 3_600_000 };
}

async function channelMoves(factory: Factory, input: BuildInput): Promise<readonly ChannelMovePlan[]> {
  const { target, template, architecture } = input;
  return await Promise.all(
    [input.region, ...input.copyTo].map(async (region) => {
      const name = { target, template: template.slug, region, architecture, channel: latest };
      const before = await currentVersion(factory.db.read, name);
      const from = before === undefined ? {} : { from: before.version };
      return { region, channel: latest, ...from, to: input.version };
    }),
  );
}
