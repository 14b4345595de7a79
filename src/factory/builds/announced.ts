import type { Step, StepContext } from '../../platform/workflows/workflow.ts';
import type { BuildInput, BuildResults } from './build.ts';

/** Whoever follows reads the title; the engine knows only names. */
export type Titled<Input, Results> = Step<Input, Results> & { readonly title: string };

export type TitledStep = Titled<BuildInput, BuildResults>;

export function announced<Input, Results>(step: Titled<Input, Results>): Step<Input, Results> {
  const run = (context: StepContext<Input, Results>) => {
    context.tell({ type: 'stage', step: step.name, title: step.title });
    return step.run(context);
  };
  return { ...step, run } as Step<Input, Results>;
}
