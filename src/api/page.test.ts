import { expect, test } from 'vitest';
import { openPage, type PageKey } from './page.ts';
import { RequestProblem } from './problem.ts';

const names = ['ant', 'bee', 'cat', 'dog', 'eel'];
const keyOf = (name: string): PageKey => [name];

function walk(
  query: { readonly template?: string },
  all: readonly string[],
  limit: number,
): readonly string[][] {
  const pages: string[][] = [];
  let token: string | undefined;
  do {
    const page = openPage('listNames', { ...query, limit, page_token: token }).of(all, keyOf);
    pages.push([...page.rows]);
    token = page.next_page_token ?? undefined;
  } while (token !== undefined);
  return pages;
}

function tokenOf(query: Readonly<Record<string, unknown>> = {}): string {
  return openPage('listNames', { ...query, limit: 2 }).of(names, keyOf).next_page_token ?? '';
}

test('pages hold every entry once and end with no token', () => {
  expect(walk({}, names, 2)).toEqual([['ant', 'bee'], ['cat', 'dog'], ['eel']]);
  expect(walk({}, names, 5)).toEqual([names]);
  expect(walk({}, [], 5)).toEqual([[]]);
});

test('what goes or comes between two pages shifts nothing', () => {
  const page = openPage('listNames', { limit: 2, page_token: tokenOf() });
  expect(page.of(['ant', 'ape', 'cat', 'dog'], keyOf).rows).toEqual(['cat', 'dog']);
});

test('a descending list goes on downwards', () => {
  const down = names.toReversed();
  const first = openPage('listNames', { limit: 2 }).of(down, keyOf, 'descending');
  const token = first.next_page_token ?? '';
  expect(openPage('listNames', { limit: 2, page_token: token }).of(down, keyOf, 'descending').rows).toEqual([
    'cat',
    'bee',
  ]);
});

test('a list in an order of its own goes on after its entry, and begins anew where that is gone', () => {
  const own = ['cat', 'ant', 'dog'];
  const token = openPage('listNames', { limit: 2 }).of(own, keyOf, 'own').next_page_token ?? '';
  const page = openPage('listNames', { limit: 2, page_token: token });
  expect(page.of(own, keyOf, 'own').rows).toEqual(['dog']);
  expect(() => page.of(['cat', 'dog'], keyOf, 'own')).toThrow(/is gone; ask without it/);
});

test.each([
  ['altered', tokenOf().replace(/^./, 'X'), 'listNames', {}],
  ['cut', tokenOf().slice(0, -3), 'listNames', {}],
  ['no token at all', 'next', 'listNames', {}],
  ['of another question', tokenOf({ template: 'web' }), 'listNames', { template: 'shop' }],
  ['of another list', tokenOf(), 'listPlaces', {}],
])('a token that is %s is refused', (_, token, list, question) => {
  expect(() => openPage(list, { ...question, limit: 2, page_token: token })).toThrow(RequestProblem);
});
