import { expect, test } from 'vitest';
import { newPart } from './console.ts';

test('what was added since the last look is new', () => {
  expect(newPart('boot\n', 'boot\nlogin: ')).toBe('login: ');
  expect(newPart('', 'boot')).toBe('boot');
  expect(newPart('boot', 'boot')).toBe('');
});

test('when the window has moved on, only what follows the old end is new', () => {
  const seen = `${'x'.repeat(5000)}the end`;
  expect(newPart(seen, `${seen.slice(2000)} and more`)).toBe(' and more');
});

test('a console that began anew is new as a whole', () => {
  expect(newPart('old boot', 'new boot')).toBe('new boot');
});
