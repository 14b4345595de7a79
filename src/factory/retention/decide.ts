/**
 * Which images go. Pure: what exists, who needs it and the rules come in; one line an image comes out, with the
 * reason. Whoever needs an image outweighs every rule.
 */
import { lineOf, type ManagedImage } from './managed-image.ts';
import { newestFirst, type Rank, ranksOf } from './ranks.ts';
import type { Reference } from './references.ts';
import type { RetentionRules } from './rules.ts';

export interface Decision {
  readonly image: ManagedImage;
  readonly fate: 'keep' | 'go';
  /** 'one of the newest 3 of web', 'made 120 days ago, and 90 days were asked for'. */
  readonly because: string;
}

export interface RetentionQuestion {
  readonly images: readonly ManagedImage[];
  /** By image id within one target and region: `referenceKey`. */
  readonly references: ReadonlyMap<string, readonly Reference[]>;
  /** Of the image's template; none where it has no rules: then it stays. */
  rulesOf(image: ManagedImage): RetentionRules | undefined;
  readonly now: Date;
}

export function referenceKey(image: Pick<ManagedImage, 'target' | 'region' | 'imageId'>): string {
  return `${image.target} ${image.region} ${image.imageId}`;
}

/** In the order of the images given. */
export function decide(question: RetentionQuestion): readonly Decision[] {
  const verdicts = new Map<ManagedImage, Decision>();
  for (const line of Map.groupBy(question.images, lineOf).values()) {
    for (const decision of decideLine(question, newestFirst(line))) verdicts.set(decision.image, decision);
  }
  return question.images.flatMap((image) => verdicts.get(image) ?? []);
}

interface Weighed extends Decision {
  /** Somebody needs it, or it is among the newest: no budget takes it. */
  readonly isSafe: boolean;
}

function decideLine(question: RetentionQuestion, line: readonly ManagedImage[]): readonly Decision[] {
  const [newest] = line;
  const rules = newest === undefined ? undefined : question.rulesOf(newest);
  const ranks = ranksOf(line);
  const byRules = line.map((image, position): Weighed => {
    const needed = neededBecause(question, image);
    if (needed !== undefined) return { image, fate: 'keep', because: needed, isSafe: true };
    if (rules === undefined) {
      return { image, fate: 'keep', because: `${image.template} has no retention rules`, isSafe: true };
    }
    const rank = ranks.get(image) ?? { rank: position, among: image.template };
    const isSafe = rank.rank < (rules.keepLatest ?? 1);
    return { ...byAge(rules, { image, position, rank }, question.now), isSafe };
  });
  const { budgetGiB, budgetPerMonth } = rules ?? {};
  const withinSize = withinBudget(byRules, budgetGiB === undefined ? undefined : sizeBudget(budgetGiB));
  return withinBudget(withinSize, budgetPerMonth === undefined ? undefined : costBudget(budgetPerMonth));
}

function neededBecause(question: RetentionQuestion, image: ManagedImage): string | undefined {
  if (image.state === 'pending') return 'it is still being made';
  if (image.pin !== undefined) return `it is pinned: ${image.pin}`;
  if (image.isProtected) return 'it is protected against deregistration';
  return neededBy(question.references.get(referenceKey(image)) ?? []);
}

/** Undefined where nobody needs it. */
export function neededBy([first, ...others]: readonly Reference[]): string | undefined {
  if (first === undefined) return undefined;
  return others.length === 0 ? first.because : `${first.because}, and ${others.length} more need it`;
}

interface Placed {
  readonly image: ManagedImage;
  /** In its line. */
  readonly position: number;
  readonly rank: Rank;
}

function byAge(rules: RetentionRules, { image, position, rank }: Placed, now: Date): Decision {
  const { keepLatest, maxAgeMs, unusedForMs } = rules;
  const ageMs = now.getTime() - Date.parse(image.createdAt);
  const unusedMs = now.getTime() - Date.parse(image.lastLaunchedAt ?? image.createdAt);
  const keep = (because: string): Decision => ({ image, fate: 'keep', because });
  if (keepLatest !== undefined && rank.rank < keepLatest) {
    return keep(`one of the newest ${keepLatest} of ${rank.among}`);
  }
  if (maxAgeMs !== undefined && ageMs <= maxAgeMs) {
    return keep(`made ${days(ageMs)} ago, and goes after ${days(maxAgeMs)}`);
  }
  if (unusedForMs !== undefined && unusedMs <= unusedForMs) {
    return keep(`launched ${days(unusedMs)} ago, and goes after ${days(unusedForMs)} without`);
  }
  const reasons = [
    keepLatest === undefined ? undefined : `${position} newer than it, and the newest ${keepLatest} stay`,
    maxAgeMs === undefined ? undefined : `made ${days(ageMs)} ago, and ${days(maxAgeMs)} are kept`,
    unusedForMs === undefined ? undefined : `not launched for ${days(unusedMs)}`,
  ].filter((reason) => reason !== undefined);
  if (reasons.length === 0) return keep('within its budget');
  return { image, fate: 'go', because: reasons.join('; ') };
}

interface Budget {
  readonly most: number;
  readonly amount: (image: ManagedImage) => number;
  readonly shown: string;
}

function sizeBudget(most: number): Budget {
  return { most, amount: ({ sizeBytes }) => sizeBytes / bytesPerGiB, shown: `${most} GiB` };
}

function costBudget(most: number): Budget {
  return { most, amount: ({ costPerMonth }) => costPerMonth, shown: `$${most} a month` };
}

/** What the rules let stay, oldest first, until the rest fits. What is needed, or among the newest, stays even so. */
function withinBudget(newestFirst: readonly Weighed[], budget: Budget | undefined): readonly Weighed[] {
  if (budget === undefined) return newestFirst;
  const decisions = [...newestFirst];
  let taken = decisions.reduce(
    (sum, { fate, image }) => sum + (fate === 'keep' ? budget.amount(image) : 0),
    0,
  );
  for (let position = decisions.length - 1; position >= 0 && taken > budget.most; position--) {
    const decision = decisions[position];
    if (decision === undefined || decision.fate === 'go' || decision.isSafe) continue;
    const { image } = decision;
    const because = `${image.template} takes more than its ${budget.shown} in ${image.region}, and this is the oldest`;
    decisions[position] = { ...decision, fate: 'go', because };
    taken -= budget.amount(image);
  }
  return decisions;
}

const bytesPerGiB = 1024 ** 3;
const dayMs = 86_400_000;

function days(ms: number): string {
  const whole = Math.floor(ms / dayMs);
  return whole === 1 ? '1 day' : `${whole} days`;
}
