import { configDefaults, defineConfig } from 'vitest/config';

/** What takes too long for every commit runs only in `npm run test:long`. */
const long = '**/*.long.test.ts';
const exclude = [...configDefaults.exclude, long];
/** Kills at each of many steps: on simulated machines, yet too long for the minute that `npm run check` may take. */
const killed = 'src/**/killed-*.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'guest/**/*.test.ts', 'test/architecture/**/*.test.ts'],
          exclude: [...exclude, killed],
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts', killed],
          exclude,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Machines boot here; two cores bear two files at a time, which wait more than they work.
        test: {
          name: 'machines',
          include: ['test/system/**/*.test.ts', 'test/faults/**/*.test.ts'],
          exclude,
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'long',
          include: [long],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
});
