/** docs/reference/benchmarks.md says what bench/results hold. To write it anew: `node scripts/bench.ts --page`. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { benchmarksPage, pageFile } from '../../bench/frame/page.ts';
import { files } from './tree.ts';

test('the benchmarks page shows the results that are kept, and nothing else', () => {
  expect(readFileSync(pageFile, 'utf8')).toBe(benchmarksPage());
});

test('what is kept was found by a measurement that still exists', () => {
  const results = files.filter((file) => file.startsWith('bench/results/'));
  const without = results.filter(
    (file) => !files.includes(file.replace('results/', '').replace('.json', '.bench.ts')),
  );
  expect(without).toEqual([]);
});
