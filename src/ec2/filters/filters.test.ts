import type { Tag } from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilter, compileFilters, type FilterTable } from './filters.ts';

interface Thing {
  readonly name?: string;
  readonly public: boolean;
  readonly size: number;
  readonly created: Date;
  readonly devices: readonly string[];
  readonly tags: readonly Tag[];
}

const table: FilterTable<Thing> = {
  name: (thing) => thing.name,
  'is-public': (thing) => thing.public,
  size: (thing) => thing.size,
  'creation-date': (thing) => thing.created,
  device: (thing) => thing.devices,
};

const thing: Thing = {
  name: 'base-2026',
  public: true,
  size: 8,
  created: new Date('2026-01-02T03:04:05Z'),
  devices: ['/dev/sda1', '/dev/sdf'],
  tags: [
    { Key: 'team', Value: 'ml' },
    { Key: 'env', Value: '' },
  ],
};

function matches(...filters: [name: string, ...values: string[]][]): boolean {
  const asked = filters.map(([Name, ...Values]) => ({ Name, Values }));
  return compileFilters(asked, table, ({ tags }) => tags)(thing);
}

describe('filters', () => {
  it('take values as alternatives and filters as conditions', () => {
    expect(matches()).toBe(true);
    expect(matches(['name', 'other', 'base-2026'], ['size', '8'])).toBe(true);
    expect(matches(['name', 'base-2026'], ['size', '9'])).toBe(false);
    expect(matches(['name'])).toBe(false);
  });

  it('compare case, booleans, times and each element of a list', () => {
    expect(matches(['name', 'BASE-2026'])).toBe(false);
    expect(matches(['is-public', 'true'])).toBe(true);
    expect(matches(['creation-date', '2026-01-*'])).toBe(true);
    expect(matches(['device', '/dev/sdf'])).toBe(true);
  });

  it('know tags by key, by value, and by both', () => {
    expect(matches(['tag:team', 'm?'])).toBe(true);
    expect(matches(['tag:team', 'prod'])).toBe(false);
    expect(matches(['tag:absent', '*'])).toBe(false);
    expect(matches(['tag:env', ''])).toBe(true);
    expect(matches(['tag-key', 'te*'], ['tag-value', 'ml'])).toBe(true);
  });

  it('refuse a name that the resource has not', () => {
    const fault = { code: 'InvalidParameterValue', message: "The filter 'colour' is invalid" };
    expect(() => matches(['colour', 'red'])).toThrow(expect.objectContaining(fault));
    expect(() => matches(['toString', 'x'])).toThrow(
      expect.objectContaining({ code: 'InvalidParameterValue' }),
    );
    expect(() => compileFilters([{ Values: ['x'] }], table)).toThrow("The filter 'null' is invalid");
    expect(() => compileFilters([{ Name: 'tag:a', Values: ['x'] }], table)).toThrow(
      "The filter 'tag:a' is invalid",
    );
  });

  it('refuse more than 200 values in one call', () => {
    const Values = Array.from({ length: 201 }, String);
    expect(() => compileFilters([{ Name: 'name', Values }], table)).toThrow(
      expect.objectContaining({ code: 'FilterLimitExceeded' }),
    );
  });
});

describe('a filter value', () => {
  it.each([
    ['ubuntu*', 'ubuntu-24', true],
    ['*24*', 'ubuntu-24.04', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['?', '😀', true],
    ['a\\*c', 'a*c', true],
    ['a\\*c', 'abc', false],
    ['a\\\\*', 'a\\anything', true],
    ['c:\\dir', 'c:\\dir', true],
    ['', '', true],
    ['*', '', true],
    ['[a]', '[a]', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-b-b-d', false],
  ])('%s against %s is %s', (value, candidate, expected) => {
    expect(compileFilter([value])(candidate)).toBe(expected);
  });

  it('agrees with a regular expression on anything', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const candidates = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    fc.assert(
      fc.property(letters, candidates, (value, candidate) => {
        const expression = new RegExp(`^${value.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        return compileFilter([value])(candidate) === expression.test(candidate);
      }),
    );
  });

  it('costs little even where a regular expression would not end', () => {
    const test = compileFilter([`${'*a'.repeat(300)}b`]);
    expect(test('a'.repeat(400))).toBe(false);
  });
});
