import type { Step } from '../../platform/workflows/workflow.ts';
import type { BuildContext, BuildInput, BuildResults } from './build.ts';

/** Whoever follows reads the title; the engine knows only names. */
export type TitledStep = Step<BuildInput, BuildResults> & { readonly title: string };

export function announced(step: TitledStep): Step<BuildInput, BuildResults> {
  const run = (context: BuildContext) => {
    context.tell({ type: 'stage', step: step.name, title: step.title });
    return step.run(context);
  };
  return { ...step, run } as Step<BuildInput, BuildResults>;
}
