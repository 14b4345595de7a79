/** A filter's value for the database, so that rows that don't match are never read. */
import { type Part, readPattern } from './pattern.ts';

export type SqlPattern =
  /** `column = value` */
  | { readonly kind: 'exact'; readonly value: string }
  /** SQLite: `column GLOB glob`, case-sensitive as EC2. PostgreSQL: `column LIKE like`, escape character `\`. */
  | { readonly kind: 'pattern'; readonly glob: string; readonly like: string; readonly prefix: string };

/** `prefix` is the literal text before the first wildcard: an index can find it (`>= prefix`). */
export function sqlPattern(value: string): SqlPattern {
  const pattern = readPattern(value);
  if (pattern.kind === 'exact') return { kind: 'exact', value: pattern.text };
  const parts: readonly Part[] =
    pattern.kind === 'prefix'
      ? [...[...pattern.text].map((literal) => ({ literal })), '*' as const]
      : pattern.parts;
  const wildcard = parts.findIndex((part) => typeof part === 'string');
  return {
    kind: 'pattern',
    glob: parts.map(globPart).join(''),
    like: parts.map(likePart).join(''),
    prefix: parts
      .slice(0, wildcard)
      .map((part) => (typeof part === 'string' ? '' : part.literal))
      .join(''),
  };
}

/** GLOB has no escape character; a class of one character takes it literally. */
function globPart(part: Part): string {
  if (typeof part === 'string') return part;
  return '*?['.includes(part.literal) ? `[${part.literal}]` : part.literal;
}

function likePart(part: Part): string {
  if (part === '*') return '%';
  if (part === '?') return '_';
  return '%_\\'.includes(part.literal) ? `\\${part.literal}` : part.literal;
}
