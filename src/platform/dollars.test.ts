import { expect, test } from 'vitest';
import { dollars } from './dollars.ts';

test.each([
  [0, '$0.00'],
  [12.5, '$12.50'],
  [1234.567, '$1,234.57'],
  [0.01, '$0.01'],
  [0.0033, '$0.0033'],
  [0.000_041_6, '$0.000042'],
  [-0.5, '-$0.50'],
])('%d dollars are %s', (amount, text) => {
  expect(dollars(amount)).toBe(text);
});
