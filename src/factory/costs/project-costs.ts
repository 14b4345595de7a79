/** What projects cost on all targets: an image is of the project that its tag names. */
import { type Budget, listBudgets } from './kept-budgets.ts';
import { type CostedImage, listCosts, sumOf, sumsBy } from './list-costs.ts';
import type { CostParts } from './parts.ts';

export interface Unanswered {
  readonly target: string;
  readonly region: string;
  readonly reason: string;
}

export interface ProjectCost {
  readonly project: string;
  readonly images: number;
  /** US dollars, of the images' storage. */
  readonly storagePerMonth: number;
}

export async function projectCost(
  parts: CostParts,
  project: string,
): Promise<ProjectCost & { readonly unanswered: readonly Unanswered[] }> {
  const { images, unanswered } = await onAllTargets(parts, project);
  const { images: count, storagePerMonth } = sumOf(images);
  return { project, images: count, storagePerMonth, unanswered };
}

export interface Projects {
  /** Dearest first; those that have only a budget too. */
  readonly projects: readonly (ProjectCost & { readonly budget?: Budget })[];
  readonly unanswered: readonly Unanswered[];
}

export async function listProjects(parts: CostParts): Promise<Projects> {
  const [{ images, unanswered }, budgets] = await Promise.all([onAllTargets(parts), listBudgets(parts)]);
  const budgetOf = new Map(budgets.map((budget) => [budget.project, budget]));
  const used = sumsBy(images, ({ project }) => project).map(({ name, images: count, storagePerMonth }) => ({
    project: name,
    images: count,
    storagePerMonth,
  }));
  const unused = budgets
    .filter(({ project }) => used.every((each) => each.project !== project))
    .map(({ project }) => ({ project, images: 0, storagePerMonth: 0 }));
  return {
    projects: [...used, ...unused].map((each) => {
      const budget = budgetOf.get(each.project);
      return budget === undefined ? each : { ...each, budget };
    }),
    unanswered,
  };
}

/** A target that does not answer is told with the others' images. */
async function onAllTargets(parts: CostParts, project?: string) {
  const images: CostedImage[] = [];
  const unanswered: Unanswered[] = [];
  for (const { name, regions } of (await parts.targets.describe()).targets) {
    try {
      const costs = await listCosts(parts, { target: name, project });
      images.push(...costs.images);
      unanswered.push(...costs.unanswered.map((each) => ({ target: name, ...each })));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      unanswered.push(...regions.map((region) => ({ target: name, region, reason })));
    }
  }
  return { images, unanswered };
}
