/** How far the cache carries a build, and why no further. */
import type { CacheChoice } from '../builds/build.ts';
import type { TemplateStep } from '../templates/template.ts';
import type { Layer } from './layers.ts';

export interface Prefix {
  /** Steps that the layer has. */
  readonly steps: number;
  readonly layer?: Layer;
  /** Why the next step runs. */
  readonly why: string;
}

/** How many of the first steps may come from the cache at all, and what ends them. */
export function cacheable(
  steps: readonly TemplateStep[],
  { use, fromStep }: CacheChoice,
): { readonly count: number; readonly why: string } {
  if (!use) return { count: 0, why: 'the cache is off' };
  const from = fromStep === undefined ? -1 : steps.findIndex(({ name }) => name === fromStep);
  const uncached = steps.findIndex(({ cache }) => !cache.use);
  const [end] = [from, uncached].filter((at) => at >= 0).toSorted((a, b) => a - b);
  if (end === undefined) return { count: steps.length, why: '' };
  return { count: end, why: end === uncached ? 'its template says cache: no' : 'asked to run from here' };
}

export function longestPrefix(
  steps: readonly TemplateStep[],
  keys: readonly string[],
  choice: CacheChoice,
  layers: readonly Layer[],
  now: Date,
): Prefix {
  const { count, why } = cacheable(steps, choice);
  let reason = why;
  for (let taken = count; taken > 0; taken -= 1) {
    const layer = layers.find(({ key }) => key === keys[taken - 1]);
    const tooOld = layer === undefined ? undefined : oldStep(steps.slice(0, taken), layer, layers, keys, now);
    if (layer !== undefined && tooOld === undefined) return { steps: taken, layer, why: reason };
    reason =
      tooOld === undefined
        ? 'no layer has it as it is now'
        : `the layer of '${tooOld}' is older than its max_age`;
  }
  return { steps: 0, why: reason };
}

/** A step in the layer that may not be as old as it is. Each step is as old as its own layer, where that is kept. */
function oldStep(
  steps: readonly TemplateStep[],
  top: Layer,
  layers: readonly Layer[],
  keys: readonly string[],
  now: Date,
): string | undefined {
  const tooOld = ({ cache: { maxAgeMs } }: TemplateStep, at: number) => {
    const own = layers.findLast(({ key }) => key === keys[at]) ?? top;
    return maxAgeMs !== undefined && now.getTime() - Date.parse(own.createdAt) > maxAgeMs;
  };
  return steps.find(tooOld)?.name;
}
