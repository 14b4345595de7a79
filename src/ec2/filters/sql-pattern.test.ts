import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilter } from './filters.ts';
import { sqlPattern } from './sql-pattern.ts';

describe('a filter value for SQL', () => {
  it('is exact without wildcards, else GLOB, LIKE and the literal prefix', () => {
    expect(sqlPattern('a\\*b')).toEqual({ kind: 'exact', value: 'a*b' });
    expect(sqlPattern('base-*')).toEqual({
      kind: 'pattern',
      glob: 'base-*',
      like: 'base-%',
      prefix: 'base-',
    });
    expect(sqlPattern('a[\\?_?%*')).toEqual({
      kind: 'pattern',
      glob: 'a[[][?]_?%*',
      like: 'a[?\\__\\%%',
      prefix: 'a[?_',
    });
  });

  it('finds in SQLite what the filter matches in memory', () => {
    const database = new DatabaseSync(':memory:');
    const glob = database.prepare('SELECT ? GLOB ? AS yes');
    const text = fc.string({
      unit: fc.constantFrom('a', 'B', '*', '?', '\\', '[', ']', '^', 'é', '😀'),
      maxLength: 6,
    });
    fc.assert(
      fc.property(text, text, (value, candidate) => {
        const pattern = sqlPattern(value);
        const found =
          pattern.kind === 'exact'
            ? pattern.value === candidate
            : glob.get(candidate, pattern.glob)?.yes === 1;
        return found === compileFilter([value])(candidate);
      }),
      { numRuns: 500 },
    );
    database.close();
  });
});
