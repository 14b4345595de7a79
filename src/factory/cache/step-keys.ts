/**
 * What a layer is known by: the hash of everything that decides what is in it, the layers below it included. A secret
 * counts by its name and never by its value.
 */
import { createHash } from 'node:crypto';
import type { ResolvedBase } from '../bases/resolved-base.ts';
import type { BuildInput } from '../builds/build.ts';
import type { TemplateStep } from '../templates/template.ts';

/** Changed with what a step is run by, so that layers of an older way aren't taken for the same. */
const generation = 1;

/** A key for each step, in order. */
export function stepKeys(
  { template, architecture }: Pick<BuildInput, 'template' | 'architecture'>,
  base: Pick<ResolvedBase, 'digest'>,
): readonly string[] {
  let key = hash([generation, base.digest, architecture, template.minDiskSizeGiB ?? null]);
  return template.steps.map((step) => {
    key = hash([key, materialOf(step)]);
    return key;
  });
}

/** Why two steps differ, in the words of the template; empty where they don't. */
export function changedParts(before: TemplateStep, after: TemplateStep): readonly string[] {
  const [old, now] = [materialOf(before), materialOf(after)];
  return (Object.keys(now) as (keyof typeof now)[]).filter(
    (part) => JSON.stringify(old[part]) !== JSON.stringify(now[part]),
  );
}

function materialOf(step: TemplateStep) {
  return {
    run: step.run,
    files: step.files.map(({ target, digest, mode }) => [target, digest, mode]).toSorted(),
    inputs: step.inputs.toSorted(),
    parameters: Object.entries(step.environment).toSorted(),
    secrets: step.secrets.map(({ name }) => name).toSorted(),
  };
}

function hash(material: unknown): string {
  return createHash('sha256').update(JSON.stringify(material)).digest('hex');
}
