import { expect, test } from 'vitest';
import { age, duration, tableLines } from './output.ts';

const columns = [
  { title: 'NAME', value: (row: readonly [string, string]) => row[0] },
  { title: 'STATE', value: (row: readonly [string, string]) => row[1] },
];

test('columns are as wide as their widest cell, and lines end without spaces', () => {
  const lines = tableLines(
    [
      ['web', 'running'],
      ['database-1', 'stopped'],
    ],
    columns,
    undefined,
  );
  expect(lines).toEqual(['NAME        STATE', 'web         running', 'database-1  stopped']);
});

test('on a narrow terminal the widest column gives way', () => {
  const lines = tableLines([['a-very-long-name-indeed', 'running']], columns, 20);
  expect(lines).toEqual(['NAME         STATE', 'a-very-lon…  running']);
});

test('without a terminal nothing is cut', () => {
  const name = 'n'.repeat(300);
  expect(tableLines([[name, 'running']], columns, undefined)[1]).toBe(`${name}  running`);
});

test('durations read as people say them', () => {
  expect([7.4, 950, 1500, 61_000, 150_000].map(duration)).toEqual([
    '7 ms',
    '950 ms',
    '1.5 s',
    '61.0 s',
    '2 min 30 s',
  ]);
});

test('ages grow coarser', () => {
  const now = new Date('2026-01-10T00:00:00Z');
  const at = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
  expect([0, 5, 300, 4000].map((minutes) => age(at(minutes), now))).toEqual([
    'just now',
    '5 min',
    '5 h',
    '2 d',
  ]);
  expect(age(undefined, now)).toBe('');
});
