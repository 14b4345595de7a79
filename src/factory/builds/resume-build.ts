/** A failed build whose machine is kept goes on with the template as it is now, from the step that failed. */
import { changedParts, stepKeys } from '../cache/step-keys.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { Template, TemplateStep } from '../templates/template.ts';
import type { BuildInput, BuildResults } from './build.ts';
import { findBuild } from './find-build.ts';
import { readTemplate } from './prepare-build.ts';

export async function resumeBuild(factory: Factory, id: string): Promise<void> {
  const build = await findBuild(factory, id);
  const run = await factory.workflows.find(id);
  if (build.state !== 'held' || run === undefined) {
    throw new FactoryError(
      'conflict',
      `${id} is ${build.state}. Only a failed build whose machine was kept (--on-failure keep) can be resumed`,
    );
  }
  const input = run.input as BuildInput;
  const template = await readTemplate(factory, { template: input.template.file, parameters: input.given });
  const done = new Map(
    run.steps.filter(({ state }) => state === 'done').map((step) => [step.name, step.result]),
  );
  const base = done.get('base') as BuildResults['base'] | undefined;
  if (base !== undefined) refuseChanged(id, input, template, { base, done });
  await factory.workflows.resume(id, { ...input, template });
}

function refuseChanged(
  id: string,
  input: BuildInput,
  template: Template,
  { base, done }: { readonly base: BuildResults['base']; readonly done: ReadonlyMap<string, unknown> },
): void {
  const [before, after] = [stepKeys(input, base), stepKeys({ ...input, template }, base)];
  for (const [position, step] of input.template.steps.entries()) {
    const ran = done.has(`step:${step.name}`);
    if (!ran || before[position] === after[position]) continue;
    throw refusal(
      `its step '${step.name}' has run already, and differs now (${whatChanged(step, template, position)})`,
    );
  }
  if (done.has('image') && before.join() !== after.join()) throw refusal('its image is made already');

  function refusal(why: string): FactoryError {
    return new FactoryError(
      'conflict',
      `${id} can't go on with this template: ${why}. Cancel it and build again; steps that are cached don't run again`,
    );
  }
}

function whatChanged(step: TemplateStep, { steps }: Template, position: number): string {
  const now = steps[position];
  if (now?.name !== step.name) return 'it stands elsewhere';
  return changedParts(step, now).join(', ') || 'a step before it';
}
