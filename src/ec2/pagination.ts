/**
 * Pages by key: a token carries the key of the last row, so the next page is `key > after` in SQL and
 * nothing is kept between calls. Tokens are signed, and good only for the call that they continue.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Ec2Fault } from './faults.ts';
import { notTogether } from './request-faults.ts';
import type { ActionName, Caller } from './types.ts';

export interface PageInput {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface PageRules {
  readonly action: ActionName;
  readonly secret: Uint8Array;
  /** Smallest and largest MaxResults; 5 and 1000 for most actions. */
  readonly min?: number;
  readonly max?: number;
  /** Rows where MaxResults isn't given; without it, all of them. */
  readonly defaultLimit?: number;
  /** Which code the action uses for a bad token. */
  readonly badToken?: 'InvalidNextToken' | 'InvalidPaginationToken' | 'InvalidParameterValue';
}

export interface Page {
  /** Key of the last row already seen: the page begins after it. */
  readonly after: string | undefined;
  /** Ask the store for one more than this: whether it comes says whether there is a next page. */
  readonly limit: number | undefined;
  /** The token after which a page that ends with this key is continued. */
  readonly tokenAfter: (key: string) => string;
}

const tagBytes = 16;

/** Throws InvalidParameterValue for MaxResults out of range, the rules' `badToken` for a foreign or forged token. */
export function openPage(input: PageInput, rules: PageRules, caller: Caller): Page {
  const sign = signer(input, rules, caller);
  return {
    after: input.NextToken === undefined ? undefined : readToken(input.NextToken, sign, rules),
    limit: checkedMaxResults(input.MaxResults, rules) ?? rules.defaultLimit,
    tokenAfter: (key) => Buffer.concat([sign(key), Buffer.from(key)]).toString('base64url'),
  };
}

/** `rows` in key order, read with `after` and `limit + 1`; cuts the extra one and makes the token. */
export function closePage<T>(
  rows: readonly T[],
  { limit, tokenAfter }: Page,
  keyOf: (row: T) => string,
): { readonly items: readonly T[]; readonly NextToken: string | undefined } {
  const last = limit === undefined ? undefined : rows[limit - 1];
  if (limit === undefined || last === undefined || rows.length <= limit)
    return { items: rows, NextToken: undefined };
  return { items: rows.slice(0, limit), NextToken: tokenAfter(keyOf(last)) };
}

/** The same over rows in memory, in any order. Keys are compared by code unit and must be unique. */
export function pageOf<T>(
  rows: readonly T[],
  page: Page,
  keyOf: (row: T) => string,
): ReturnType<typeof closePage<T>> {
  const { after } = page;
  const following = after === undefined ? [...rows] : rows.filter((row) => keyOf(row) > after);
  return closePage(
    following.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    page,
    keyOf,
  );
}

/** EC2 answers either a list of ids or a page. `parameter` as EC2 spells it: 'imageIds', 'instancesSet'. */
export function refusePageOfIds(
  input: PageInput,
  ids: readonly string[] | undefined,
  parameter: string,
): void {
  if (input.MaxResults !== undefined && ids && ids.length > 0) throw notTogether(parameter, 'maxResults');
}

function checkedMaxResults(maxResults: number | undefined, rules: PageRules): number | undefined {
  if (maxResults === undefined) return undefined;
  const { min = 5, max = 1000 } = rules;
  if (Number.isInteger(maxResults) && maxResults >= min && maxResults <= max) return maxResults;
  throw new Ec2Fault(
    'InvalidParameterValue',
    `Value ( ${maxResults} ) for parameter maxResults is invalid. Expecting a value between ${min} and ${max}.`,
  );
}

type Sign = (key: string) => Buffer;

/** A token continues the same question of the same account in the same region; only the page size may change. */
function signer(input: PageInput, rules: PageRules, { accountId, region }: Caller): Sign {
  const { MaxResults, NextToken, ...question } = input;
  const asked = JSON.stringify([rules.action, accountId, region, sorted(question)]);
  return (key) =>
    createHmac('sha256', rules.secret).update(asked).update('\0').update(key).digest().subarray(0, tagBytes);
}

function readToken(token: string, sign: Sign, { badToken = 'InvalidNextToken' }: PageRules): string {
  const bytes = Buffer.from(/^[\w-]{1,4096}$/.test(token) ? token : '', 'base64url');
  const key = bytes.subarray(tagBytes).toString();
  if (bytes.length > tagBytes && timingSafeEqual(bytes.subarray(0, tagBytes), sign(key))) return key;
  throw new Ec2Fault(
    badToken,
    'The specified NextToken is not valid: it belongs to another request or was changed',
  );
}

/** The same question reads the same, in whatever order its members were sent. */
function sorted(question: object): readonly (readonly [string, unknown])[] {
  return Object.entries(question).sort(([a], [b]) => (a < b ? -1 : 1));
}
