/** An image that goes is deprecated first, and let go of when its days are over and still nobody needs it. */
import type { Decision } from './decide.ts';
import type { ManagedImage } from './managed-image.ts';

export type Fate =
  /** It stays. */
  | 'keep'
  /** It was deprecated, and stays after all: the deprecation is taken back. */
  | 'spare'
  /** It is deprecated now. */
  | 'deprecate'
  /** It is deprecated, and its days aren't over. */
  | 'deprecated'
  /** Into the bin. */
  | 'go';

export interface StagedDecision {
  readonly image: ManagedImage;
  readonly fate: Fate;
  readonly because: string;
}

const dayMs = 86_400_000;

/** `deprecateDays` 0: it goes at once. */
export function staged(
  { image, fate, because }: Decision,
  { now, deprecateDays }: { readonly now: Date; readonly deprecateDays: number },
): StagedDecision {
  const { retireAfter } = image;
  if (fate === 'keep') return { image, fate: retireAfter === undefined ? 'keep' : 'spare', because };
  if (deprecateDays === 0) return { image, fate: 'go', because };
  if (retireAfter === undefined) {
    const after = dayOf(retirementAfter(now, deprecateDays));
    return { image, fate: 'deprecate', because: `${because}; it is deprecated, and goes after ${after}` };
  }
  if (Date.parse(retireAfter) <= now.getTime()) return { image, fate: 'go', because };
  return { image, fate: 'deprecated', because: `${because}; it goes after ${dayOf(retireAfter)}` };
}

/** ISO 8601. */
export function retirementAfter(now: Date, deprecateDays: number): string {
  return new Date(now.getTime() + deprecateDays * dayMs).toISOString();
}

function dayOf(time: string): string {
  return time.slice(0, 10);
}
