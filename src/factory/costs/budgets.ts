/** Whether the images of a project may cost more. */
import { dollars } from '../../platform/dollars.ts';
import { budgetState, listBudgets } from './kept-budgets.ts';
import type { CostParts } from './parts.ts';
import { projectCost } from './project-costs.ts';

export interface BudgetCheck {
  readonly state: 'within' | 'warned' | 'refused';
  /** For people, where it isn't `within`: what the project costs, its budget, and the way out. */
  readonly message?: string;
}

/**
 * Whether the images of the project may cost so many US dollars a month more. A project without a budget may; of one
 * that refuses, what can't be counted is refused too.
 */
export async function checkBudget(
  parts: CostParts,
  project: string,
  addedPerMonth: number,
): Promise<BudgetCheck> {
  const budget = (await listBudgets(parts)).find((each) => each.project === project);
  if (budget === undefined) return { state: 'within' };
  const { storagePerMonth, unanswered } = await projectCost(parts, project);
  const over = budget.over === 'refuse' ? 'refused' : 'warned';
  if (unanswered.length > 0) {
    const places = unanswered.map(({ target, region }) => `${region} of ${target}`).join(', ');
    return {
      state: over,
      message: `What the project ${project} has in ${places} can't be counted: no answer`,
    };
  }
  const after = storagePerMonth + addedPerMonth;
  const state = budgetState(after, budget);
  if (state === 'within') return { state };
  const told = `The images of the project ${project} would cost about ${dollars(after)} a month`;
  const limit = `its budget of ${dollars(budget.perMonth)}`;
  if (state === 'near') return { state: 'warned', message: `${told}, which is near ${limit}` };
  const wayOut = `ingot ami costs --project ${project} shows what could go; ingot project budget ${project} sets another`;
  return { state: over, message: `${told}, beyond ${limit}: ${wayOut}` };
}
