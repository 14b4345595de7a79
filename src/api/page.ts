/**
 * Pages of a list. A token says after which entry the next page begins, by the entry's own key: what is added or
 * removed meanwhile shifts nothing. It is bound to the list and to what was asked of it, and refused when altered.
 */
import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { RequestProblem } from './problem.ts';

/** For a route's query. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Entries a page'),
  page_token: z
    .string()
    .max(2000)
    .optional()
    .describe('The `next_page_token` of the page before, with the same question'),
};

/** For a route's answer. */
export const nextPage = {
  next_page_token: z.string().nullable().describe('Gives the next page; null where this is the last'),
};

/** What the list is sorted by, ending with what is unique. */
export type PageKey = readonly (string | number)[];

export type PageOrder = 'ascending' | 'descending' | 'own';

export interface Page {
  readonly limit: number;
  /** The key of the last entry of the page before. */
  readonly after: PageKey | undefined;
  /** `rows`: those after `after`, one more than `limit` where there are more. */
  end<Row>(rows: readonly Row[], keyOf: (row: Row) => PageKey): EndedPage<Row>;
  /** The page of a list that is at hand whole: sorted by its key, or in an order of its own. */
  of<Row>(all: readonly Row[], keyOf: (row: Row) => PageKey, order?: PageOrder): EndedPage<Row>;
}

export interface EndedPage<Row> {
  readonly rows: readonly Row[];
  readonly next_page_token: string | null;
}

/** `list`: the operation's id. `query`: all that was asked, `limit` and `page_token` among it. */
export function openPage(
  list: string,
  { limit, page_token: token, ...question }: PageQuery & Readonly<Record<string, unknown>>,
): Page {
  const asked = `${list} ${JSON.stringify(Object.entries(question).sort())}`;
  const after = token === undefined ? undefined : readToken(token, asked);
  const end: Page['end'] = (rows, keyOf) => {
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      rows: rows.slice(0, limit),
      next_page_token: last === undefined ? null : writeToken(keyOf(last), asked),
    };
  };
  const of: Page['of'] = (all, keyOf, order = 'ascending') => {
    if (after === undefined) return end(all, keyOf);
    if (order === 'own') return end(all.slice(placeAfter(all, keyOf, after)), keyOf);
    const sign = order === 'ascending' ? 1 : -1;
    return end(
      all.filter((row) => sign * compareKeys(keyOf(row), after) > 0),
      keyOf,
    );
  };
  return { limit, after, end, of };
}

interface PageQuery {
  readonly limit: number;
  readonly page_token?: string | undefined;
}

function writeToken(key: PageKey, asked: string): string {
  const text = JSON.stringify(key);
  return `${Buffer.from(text).toString('base64url')}.${digest(text, asked)}`;
}

function readToken(token: string, asked: string): PageKey {
  const [encoded = '', seal] = token.split('.');
  const text = Buffer.from(encoded, 'base64url').toString();
  if (digest(text, asked) !== seal) {
    throw refused('not one that this list gave to this question; ask without it for the first page');
  }
  return JSON.parse(text) as PageKey;
}

/** Where the order is its own, an entry that is gone has left no place. */
function placeAfter<Row>(all: readonly Row[], keyOf: (row: Row) => PageKey, after: PageKey): number {
  const place = all.findIndex((row) => compareKeys(keyOf(row), after) === 0);
  if (place === -1)
    throw refused('what the page before ended with is gone; ask without it for the first page');
  return place + 1;
}

function refused(why: string): RequestProblem {
  const detail = `page_token: ${why}`;
  return new RequestProblem('invalid', detail, { mistakes: [{ detail, parameter: 'page_token' }] });
}

/** Finds mistakes, and is no secret: a token opens nothing that its bearer may not list anyway. */
function digest(text: string, asked: string): string {
  return createHash('sha256').update(`${asked}\n${text}`).digest('base64url').slice(0, 16);
}

function compareKeys(one: PageKey, other: PageKey): number {
  for (const [index, part] of one.entries()) {
    const against = other[index] ?? '';
    if (part !== against) return part < against ? -1 : 1;
  }
  return 0;
}
