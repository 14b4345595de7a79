/**
 * The order of a template's versions. A version is any text, so there are two sorts:
 * - *numbered*, `v1.2.3`, `1.2.3-rc1`, `v0.9.2-patch1`, `2026.11.2`: by their numbers, as people count;
 * - all others, git hashes, times and names: by the time they were made.
 * Numbered ones come after the others, so that the order is total: were one sort compared by number and a mixed
 * pair by time, three versions could go round in a circle.
 */
import { compareTexts, parseNumbered, type Suffix } from './parse-numbered.ts';

export interface Ordered {
  readonly version: string;
  /** ISO text. */
  readonly createdAt: string;
}

/** Negative where `a` is the older one. */
export function compareVersions(a: Ordered, b: Ordered): number {
  const [left, right] = [parseNumbered(a.version), parseNumbered(b.version)];
  if (left === undefined && right === undefined) return byTime(a, b);
  if (left === undefined) return -1;
  if (right === undefined) return 1;
  return (
    compareNumbers(left.numbers, right.numbers) || compareSuffixes(left.suffix, right.suffix) || byTime(a, b)
  );
}

function byTime(a: Ordered, b: Ordered): number {
  return a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : compareTexts(a.version, b.version);
}

/** 1.2 is 1.2.0. */
function compareNumbers(a: readonly bigint[], b: readonly bigint[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at] ?? 0n, b[at] ?? 0n];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function compareSuffixes(a: Suffix, b: Suffix): number {
  return a.rank - b.rank || compareTexts(a.text, b.text);
}
