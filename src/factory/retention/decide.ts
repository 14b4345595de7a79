/**
 * Which images go. Pure: what exists, who needs it and the rules come in; one line an image comes out, with the
 * reason. Whoever needs an image outweighs every rule.
 */
import { lineOf, type ManagedImage } from './managed-image.ts';
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
    for (const decision of decideLine(question, line)) verdicts.set(decision.image, decision);
  }
  return question.images.flatMap((image) => verdicts.get(image) ?? []);
}

function decideLine(question: RetentionQuestion, line: readonly ManagedImage[]): readonly Decision[] {
  const newestFirst = line.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  const byRules = newestFirst.map((image, rank) => decideOne(question, image, rank));
  return withinBudget(question, byRules);
}

function decideOne(question: RetentionQuestion, image: ManagedImage, rank: number): Decision {
  const needed = neededBecause(question, image);
  if (needed !== undefined) return { image, fate: 'keep', because: needed };
  const rules = question.rulesOf(image);
  if (rules === undefined) {
    return { image, fate: 'keep', because: `${image.template} has no retention rules` };
  }
  return byAge(rules, image, rank, question.now);
}

function neededBecause(question: RetentionQuestion, image: ManagedImage): string | undefined {
  if (image.state === 'pending') return 'it is still being made';
  if (image.pin !== undefined) return `it is pinned: ${image.pin}`;
  if (image.isProtected) return 'it is protected against deregistration';
  const [first, ...others] = question.references.get(referenceKey(image)) ?? [];
  if (first === undefined) return undefined;
  return others.length === 0 ? first.because : `${first.because}, and ${others.length} more need it`;
}

function byAge(rules: RetentionRules, image: ManagedImage, rank: number, now: Date): Decision {
  const { keepLatest, maxAgeMs, unusedForMs } = rules;
  const ageMs = now.getTime() - Date.parse(image.createdAt);
  const unusedMs = now.getTime() - Date.parse(image.lastLaunchedAt ?? image.createdAt);
  const keep = (because: string): Decision => ({ image, fate: 'keep', because });
  if (keepLatest !== undefined && rank < keepLatest) {
    return keep(`one of the newest ${keepLatest} of ${image.template}`);
  }
  if (maxAgeMs !== undefined && ageMs <= maxAgeMs) {
    return keep(`made ${days(ageMs)} ago, and goes after ${days(maxAgeMs)}`);
  }
  if (unusedForMs !== undefined && unusedMs <= unusedForMs) {
    return keep(`launched ${days(unusedMs)} ago, and goes after ${days(unusedForMs)} without`);
  }
  const reasons = [
    keepLatest === undefined ? undefined : `${rank} newer than it, and the newest ${keepLatest} stay`,
    maxAgeMs === undefined ? undefined : `made ${days(ageMs)} ago, and ${days(maxAgeMs)} are kept`,
    unusedForMs === undefined ? undefined : `not launched for ${days(unusedMs)}`,
  ].filter((reason) => reason !== undefined);
  if (reasons.length === 0) return keep('within its budget');
  return { image, fate: 'go', because: reasons.join('; ') };
}

/** What the rules let stay, oldest first, until the rest fits. What is needed, or among the newest, stays even so. */
function withinBudget(question: RetentionQuestion, newestFirst: readonly Decision[]): readonly Decision[] {
  const [newest] = newestFirst;
  const budgetGiB = newest === undefined ? undefined : question.rulesOf(newest.image)?.budgetGiB;
  if (budgetGiB === undefined) return newestFirst;
  const decisions = [...newestFirst];
  let bytes = sum(decisions.filter(({ fate }) => fate === 'keep'));
  for (let rank = decisions.length - 1; rank >= 0 && bytes > budgetGiB * bytesPerGiB; rank--) {
    const { image, fate } = decisions[rank] as Decision;
    const keepLatest = question.rulesOf(image)?.keepLatest ?? 1;
    if (fate === 'go' || rank < keepLatest || neededBecause(question, image) !== undefined) continue;
    decisions[rank] = {
      image,
      fate: 'go',
      because: `${image.template} takes more than its ${budgetGiB} GiB in ${image.region}, and this is the oldest`,
    };
    bytes -= image.sizeBytes;
  }
  return decisions;
}

const bytesPerGiB = 1024 ** 3;
const dayMs = 86_400_000;

function sum(decisions: readonly Decision[]): number {
  return decisions.reduce((bytes, { image }) => bytes + image.sizeBytes, 0);
}

function days(ms: number): string {
  const whole = Math.floor(ms / dayMs);
  return whole === 1 ? '1 day' : `${whole} days`;
}
