import { expect, test } from 'vitest';
import { breakEven } from './break-even.ts';

const hourMs = 3_600_000;
// Half an hour of set-up on a machine of $1 an hour: $0.50 a launch.
const measured = { setUpMs: hourMs / 2, instancePerHour: 1, storagePerMonth: 2, buildCost: 3, launches: 10 };

test('an image is cheaper from as many launches a month on as its storage costs', () => {
  expect(breakEven(measured)).toMatchObject({ setUpCostPerLaunch: 0.5, launchesPerMonth: 4 });
  expect(breakEven({ ...measured, storagePerMonth: 0 })).toMatchObject({ launchesPerMonth: 1 });
});

test('what is saved repays the build', () => {
  // 10 × $0.50 − $2 = $3 a month, $0.30 a launch; the build was $3.
  expect(breakEven(measured)).toMatchObject({
    savedPerMonth: 3,
    launchesToRepay: 10,
    savedMsPerMonth: 5 * hourMs,
  });
});

test('an image that is rarely launched is the dearer way, and never repays its build', () => {
  const few = breakEven({ ...measured, launches: 3 });
  expect(few.savedPerMonth).toBe(-0.5);
  expect(few).not.toHaveProperty('launchesToRepay');
  expect(breakEven({ ...measured, launches: 0 })).toMatchObject({ savedPerMonth: -2, savedMsPerMonth: 0 });
});

test('where setting up takes no time, no number of launches makes an image cheaper', () => {
  expect(breakEven({ ...measured, setUpMs: 0 })).not.toHaveProperty('launchesPerMonth');
});
