import { describe, expect, it } from 'vitest';
import type { AccountId } from '../platform/ids.ts';
import { closePage, openPage, type PageRules, pageOf, refusePageOfIds } from './pagination.ts';

const rules: PageRules = { action: 'DescribeImages', secret: Buffer.from('a secret of the home') };
const caller = { accountId: '1' as AccountId, accessKeyId: 'a', region: 'us-east-1', requestId: 'r' };
const rows = Array.from({ length: 12 }, (_, index) => `ami-${String(index).padStart(2, '0')}`);
const keyOf = (row: string) => row;
const byOwner = { Owners: ['self'], MaxResults: 5 };

describe('pages', () => {
  it('cover all rows once, in key order, whatever order they come in', () => {
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = pageOf([...rows].reverse(), openPage({ ...byOwner, NextToken }, rules, caller), keyOf);
      seen.push(...page.items);
      NextToken = page.NextToken;
    } while (NextToken);
    expect(seen).toEqual(rows);
  });

  it('carry the last key to the store, which reads one row more than the page', () => {
    const first = openPage(byOwner, rules, caller);
    expect(first).toMatchObject({ after: undefined, limit: 5 });
    const { items, NextToken } = closePage(rows.slice(0, 6), first, keyOf);
    expect(items).toHaveLength(5);
    expect(openPage({ ...byOwner, MaxResults: 7, NextToken }, rules, caller)).toMatchObject({
      after: 'ami-04',
      limit: 7,
    });
    expect(closePage(rows.slice(0, 5), first, keyOf).NextToken).toBeUndefined();
  });

  it('hold everything where no size is asked for', () => {
    expect(pageOf(rows, openPage({}, rules, caller), keyOf)).toEqual({ items: rows, NextToken: undefined });
  });

  it('refuse a token of another question, account or action, and a forged one', () => {
    const { NextToken = '' } = pageOf(rows, openPage(byOwner, rules, caller), keyOf);
    const fault = expect.objectContaining({ code: 'InvalidNextToken', status: 400 });
    const with_ = (input: object) => ({ ...byOwner, NextToken, ...input });
    expect(() => openPage(with_({ Owners: ['amazon'] }), rules, caller)).toThrow(fault);
    expect(() => openPage(with_({}), rules, { ...caller, accountId: '2' as AccountId })).toThrow(fault);
    expect(() => openPage(with_({}), { ...rules, action: 'DescribeSnapshots' }, caller)).toThrow(fault);
    expect(() => openPage(with_({}), { ...rules, secret: Buffer.from('other') }, caller)).toThrow(fault);
    expect(() => openPage(with_({ NextToken: `${NextToken}AAAA` }), rules, caller)).toThrow(fault);
    for (const forged of ['', 'x', '!!!', 'A'.repeat(40), 'A'.repeat(100_000)]) {
      expect(() => openPage(with_({ NextToken: forged }), rules, caller)).toThrow(fault);
    }
  });

  it('answer a bad token with the code of the action', () => {
    expect(() =>
      openPage({ NextToken: 'x' }, { ...rules, badToken: 'InvalidPaginationToken' }, caller),
    ).toThrow(expect.objectContaining({ code: 'InvalidPaginationToken' }));
  });

  it.each([4, 1001, 5.5, -1])('refuse MaxResults of %d', (MaxResults) => {
    expect(() => openPage({ MaxResults }, rules, caller)).toThrow(
      expect.objectContaining({
        code: 'InvalidParameterValue',
        message: expect.stringContaining(`( ${MaxResults} )`),
      }),
    );
  });

  it('are not for lists of ids', () => {
    expect(() => refusePageOfIds(byOwner, ['ami-1'], 'imageIds')).toThrow(
      'The parameter imageIds cannot be used with the parameter maxResults',
    );
    refusePageOfIds(byOwner, [], 'imageIds');
    refusePageOfIds({}, ['ami-1'], 'imageIds');
  });
});
