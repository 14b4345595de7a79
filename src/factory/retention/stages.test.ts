import { expect, test } from 'vitest';
import type { Decision } from './decide.ts';
import type { ManagedImage } from './managed-image.ts';
import { staged } from './stages.ts';

const now = new Date('2026-11-21T00:00:00.000Z');

function decision(fate: Decision['fate'], retireAfter?: string): Decision {
  const image = { imageId: 'ami-1', ...(retireAfter === undefined ? {} : { retireAfter }) } as ManagedImage;
  return { image, fate, because: 'it is old' };
}

test.each([
  ['one that goes is deprecated first', decision('go'), 7, 'deprecate'],
  ['it waits until its days are over', decision('go', '2026-11-22T00:00:00.000Z'), 7, 'deprecated'],
  ['then it goes', decision('go', '2026-11-20T00:00:00.000Z'), 7, 'go'],
  ['without days it goes at once', decision('go'), 0, 'go'],
  [
    'one that stays after all is no longer deprecated',
    decision('keep', '2026-11-20T00:00:00.000Z'),
    7,
    'spare',
  ],
  ['one that stays stays', decision('keep'), 7, 'keep'],
] as const)('%s', (_, given, deprecateDays, fate) => {
  expect(staged(given, { now, deprecateDays }).fate).toBe(fate);
});

test('the day on which it goes is said', () => {
  expect(staged(decision('go'), { now, deprecateDays: 7 }).because).toBe(
    'it is old; it is deprecated, and goes after 2026-11-28',
  );
});
