import { expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/errors.ts';
import { read } from './tree.ts';

test('docs/reference/exit-codes.md lists exactly the codes that commands end with', () => {
  const listed = [...read('docs/reference/exit-codes.md').matchAll(/^\| (\d+) \|/gm)].map(([, code]) =>
    Number(code),
  );
  expect(listed).toEqual(Object.values(exitCodes));
});
