/** The budgets of projects, as they are kept. */
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { BudgetTable } from './table.ts';

export interface Budget {
  readonly project: string;
  /** US dollars. */
  readonly perMonth: number;
  /** What happens to an image that would go beyond it. */
  readonly over: BudgetTable['over'];
  readonly setAt: string;
  readonly by: string;
}

export async function setBudget(
  { db, now }: Pick<Factory, 'db' | 'now'>,
  budget: Omit<Budget, 'setAt'>,
): Promise<Budget> {
  const { project, perMonth, over, by } = budget;
  const row = { project, per_month: perMonth, over, set_at: now().toISOString(), by };
  await db.write((tx) =>
    tx
      .insertInto('budgets')
      .values(row)
      .onConflict((conflict) => conflict.column('project').doUpdateSet(row))
      .execute(),
  );
  return toBudget(row);
}

/** Throws where it has none. */
export async function removeBudget({ db }: Pick<Factory, 'db'>, project: string): Promise<void> {
  const { numDeletedRows } = await db.write((tx) =>
    tx.deleteFrom('budgets').where('project', '=', project).executeTakeFirst(),
  );
  if (numDeletedRows === 0n) throw new FactoryError('not-found', `The project ${project} has no budget`);
}

/** By project. */
export async function listBudgets({ db }: Pick<Factory, 'db'>): Promise<readonly Budget[]> {
  const rows = await db.read.selectFrom('budgets').selectAll().orderBy('project').execute();
  return rows.map(toBudget);
}

function toBudget({ project, per_month: perMonth, over, set_at: setAt, by }: BudgetTable): Budget {
  return { project, perMonth, over, setAt, by };
}

export type BudgetState = 'within' | 'near' | 'beyond';

/** From this share on it is near. */
const nearShare = 0.8;

export function budgetState(perMonth: number, budget: Pick<Budget, 'perMonth'>): BudgetState {
  if (perMonth > budget.perMonth) return 'beyond';
  return perMonth >= nearShare * budget.perMonth ? 'near' : 'within';
}
