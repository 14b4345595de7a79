/** What a project may cost a month. */
import type { CostParts } from './parts.ts';

export interface BudgetCheck {
  readonly state: 'within' | 'warned' | 'refused';
  /** For people, where it isn't `within`: what the project costs, its budget, and the way out. */
  readonly message?: string;
}

/** Whether the project may cost so many US dollars a month more. A project without a budget may. */
export async function checkBudget(
  factory: CostParts,
  project: string,
  addedPerMonth: number,
): Promise<BudgetCheck> {
  const budget = await findBudget(factory, project);
  if (budget === undefined) return { state: 'within' };
  return { state: addedPerMonth > budget.perMonth ? 'warned' : 'within' };
}

async function findBudget(_factory: CostParts, _project: string) {
  return undefined as { readonly perMonth: number } | undefined;
}
