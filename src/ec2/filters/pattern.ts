/**
 * One value of an EC2 filter: case-sensitive, `*` for any text, `?` for one character, a backslash before
 * either (or itself) takes it literally. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */

export type Pattern =
  | { readonly kind: 'exact'; readonly text: string }
  /** Text that ends in the pattern's only wildcard, `*`. */
  | { readonly kind: 'prefix'; readonly text: string }
  | { readonly kind: 'wildcard'; readonly parts: readonly Part[] };

/** One literal character, or a wildcard. */
export type Part = { readonly literal: string } | '*' | '?';

export function readPattern(value: string): Pattern {
  const parts: Part[] = [];
  let escaped = false;
  for (const character of value) {
    if (!escaped && character === '\\') escaped = true;
    else if (!escaped && (character === '*' || character === '?')) {
      // Two stars in a row say no more than one.
      if (character === '?' || parts.at(-1) !== '*') parts.push(character);
    } else {
      if (escaped && !'*?\\'.includes(character)) parts.push({ literal: '\\' });
      parts.push({ literal: character });
      escaped = false;
    }
  }
  if (escaped) parts.push({ literal: '\\' });
  const wildcards = parts.filter((part) => typeof part === 'string').length;
  if (wildcards === 0) return { kind: 'exact', text: literalText(parts) };
  if (wildcards === 1 && parts.at(-1) === '*')
    return { kind: 'prefix', text: literalText(parts.slice(0, -1)) };
  return { kind: 'wildcard', parts };
}

/** Never backtracks further than the last star: at worst length × length, never exponential. */
export function matchesParts(parts: readonly Part[], candidate: string): boolean {
  const characters = [...candidate];
  let part = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < characters.length) {
    const wanted = parts[part];
    if (wanted === '*') {
      star = part++;
      resume = position;
    } else if (wanted === '?' || (wanted !== undefined && wanted.literal === characters[position])) {
      part++;
      position++;
    } else if (star >= 0) {
      part = star + 1;
      position = ++resume;
    } else return false;
  }
  while (parts[part] === '*') part++;
  return part === parts.length;
}

function literalText(parts: readonly Part[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : part.literal)).join('');
}
