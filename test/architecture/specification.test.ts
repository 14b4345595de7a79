/** SPECIFICATION.md: each promise has a number and names what holds it, and that is there. */
import { expect, test } from 'vitest';
import { files, read } from './tree.ts';

interface Promised {
  readonly number: string;
  readonly proofs: readonly { readonly name: string; readonly file: string }[];
}

const promises: readonly Promised[] = [
  ...read('SPECIFICATION.md').matchAll(/^\| (\d+\.\d+) \|.*\| (.*) \|$/gm),
].map(([, number = '', proofs = '']) => ({
  number,
  proofs: [...proofs.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, name = '', file = '']) => ({
    name,
    file,
  })),
}));

test('each promise has a number of its own, and they follow each other', () => {
  const byPart = Map.groupBy(promises, ({ number }) => number.split('.')[0] ?? '');
  const expected = [...byPart].flatMap(([part, members]) =>
    members.map((_, index) => `${part}.${index + 1}`),
  );
  expect(promises.length).toBeGreaterThan(0);
  expect(promises.map(({ number }) => number)).toEqual(expected);
});

test('each promise is held by a test or a measurement', () => {
  const without = promises.filter(
    ({ proofs }) => !proofs.some(({ file }) => /\.(test|bench)\.ts$/.test(file) && files.includes(file)),
  );
  expect(without.map(({ number }) => number)).toEqual([]);
});

test('each test that is named stands in its file under that name', () => {
  const missing = promises.flatMap(({ number, proofs }) =>
    proofs
      .filter(({ name, file }) => name.startsWith('`') && !read(file).includes(name.slice(1, -1)))
      .map(({ name, file }) => `${number}: ${name} in ${file}`),
  );
  expect(missing).toEqual([]);
});
