/** Versions that are counted: their numbers, and what follows them. */

export interface Numbered {
  readonly numbers: readonly bigint[];
  readonly suffix: Suffix;
}

export interface Suffix {
  /** -1: before the bare number (`-rc1`). 0: none. 1: after it (`-patch1`, `-4-g1a2b3c4`, `.post2`). */
  readonly rank: -1 | 0 | 1;
  readonly text: string;
}

const numberedForm = /^(?:v|ver|version|r|rel|release)?[-_./ ]?(\d+(?:\.\d+)*)(.*)$/is;
const hashForm = /^g?[0-9a-f]{7,40}(?![0-9a-z])/i;
/** What Ingot itself calls a version outside git: as a number it would come after every number that a person chooses. */
const timeForm = /^(?:19|20)\d{6}(?!\d)|^(?:19|20)\d{10}(?:\d{2})?(?!\d)/;
/** Semantic versioning calls every suffix a pre-release; people also write `-patch1`, `-2` and git's `-4-g1a2b3c4`. */
const before =
  /^[-_.~+ ]?(?:a|alpha|b|beta|c|rc|cr|pre|preview|prerelease|dev|snapshot|nightly|m|milestone)(?![a-z])/i;

/** Undefined where the text is a git hash, a time or a name. */
export function parseNumbered(version: string): Numbered | undefined {
  if (hashForm.test(version) || timeForm.test(version)) return undefined;
  const [, numbers, rest = ''] = numberedForm.exec(version) ?? [];
  // '3d-model' is a name, '3rc1' is not.
  if (numbers === undefined || (/^[a-z]/i.test(rest) && !before.test(rest) && !/^p\d/i.test(rest)))
    return undefined;
  return { numbers: numbers.split('.').map(BigInt), suffix: suffixOf(rest) };
}

function suffixOf(rest: string): Suffix {
  // Semantic versioning: what follows '+' names a build, and has no say in the order.
  const text = rest.replace(/\+[0-9a-z.-]*$/i, '');
  if (text === '') return { rank: 0, text };
  return { rank: before.test(text) ? -1 : 1, text: text.toLowerCase() };
}

/** Digits by their value, the rest by its code: 'rc10' comes after 'rc9'. */
export function compareTexts(a: string, b: string): number {
  const [left, right] = [pieces(a), pieces(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const order = comparePieces(left[at] ?? '', right[at] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length || compareCodes(a, b);
}

function pieces(text: string): readonly string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

function comparePieces(a: string, b: string): number {
  if (!/^\d/.test(a) || !/^\d/.test(b)) return compareCodes(a, b);
  const [left, right] = [BigInt(a), BigInt(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}

function compareCodes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
