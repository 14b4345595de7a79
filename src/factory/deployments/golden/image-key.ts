/**
 * What a golden image is known by: the hash of everything that decides what is in it. The same key in one region is the
 * same image; what only the first boot reads, what people read, and when it counts as ready decide nothing.
 */
import { createHash } from 'node:crypto';
import type { ResolvedBase } from '../../bases/resolved-base.ts';
import { stepKeys } from '../../cache/step-keys.ts';
import type { DeploymentInput } from '../deployment.ts';

/** Changed with how images are made, so that those of an older way aren't taken for the same. */
const generation = 1;

export type KeyInput = Pick<
  DeploymentInput,
  'template' | 'setUpSteps' | 'version' | 'mode' | 'target' | 'region' | 'architecture'
>;

export function imageKey(input: KeyInput, base: Pick<ResolvedBase, 'digest'>): string {
  const { template, setUpSteps, architecture } = input;
  const setUp = { ...template, steps: template.steps.slice(0, setUpSteps) };
  const material = [
    generation,
    template.slug,
    input.version,
    input.mode ?? null,
    input.target,
    input.region,
    architecture,
    base.digest,
    stepKeys({ template: setUp, architecture }, base),
    template.validations,
    template.clean,
    template.minDiskSizeGiB ?? null,
  ];
  return createHash('sha256').update(JSON.stringify(material)).digest('hex');
}
