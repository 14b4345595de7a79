import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { files, read, root } from './tree.ts';

const code = files.filter((file) => /\.(ts|mjs|tsx)$/.test(file));
const source = code.filter((file) => file.startsWith('src/'));
const pages = files.filter((file) => file.endsWith('.md'));

test('files have kebab-case names', () => {
  const odd = code.filter(
    (file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.(ts|mjs|tsx)$/.test(basename(file)),
  );
  expect(odd).toEqual([]);
});

const emptyWords = /^(utils?|helpers?|managers?|services?|impl|common|misc|enhanced|v\d)$/;

test('no file or folder is named for nothing', () => {
  const odd = code.filter((file) => file.split(/[/.-]/).some((word) => emptyWords.test(word)));
  expect(odd, 'a name says what is inside; these words fit anything').toEqual([]);
});

test('nothing exported is named for nothing', () => {
  const exported =
    /^export (?:async )?(?:function|class|const|interface|type) (\w*(?:Utils?|Helpers?|Manager|Impl|Misc|Enhanced)\w*)/gm;
  const odd = source.flatMap((file) =>
    [...read(file).matchAll(exported)].map(([, name]) => `${file}: ${name}`),
  );
  expect(odd).toEqual([]);
});

test('a source file has at most 350 lines', () => {
  const long = source
    .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
    .filter(({ lines }) => lines > 350);
  expect(long, 'a file that long holds more than one thing').toEqual([]);
});

test('nothing is left to do in the code', () => {
  const marks = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].map((mark) => `\\b${mark}\\b`).join('|'));
  const marked = [...code, ...pages].filter((file) => marks.test(read(file)));
  expect(marked, 'do it, or write an issue').toEqual([]);
});

test('the environment is read in one place', () => {
  const readers = source.filter((file) => /\bprocess\.env\b/.test(read(file)) && !file.endsWith('.test.ts'));
  expect(readers, 'what can change Ingot from outside stands in platform/config').toEqual([
    'src/platform/config-environment.ts',
  ]);
});

test('every link between files of this repository leads somewhere', () => {
  const broken = pages.flatMap((page) =>
    [...withoutCode(read(page)).matchAll(/\]\((?!\w+:|#)([^)\s#]+)(?:#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(root, dirname(page), target)))
      .map((target) => `${page} → ${target}`),
  );
  expect(broken).toEqual([]);
});

test('SPECIFICATION.md proves its promises by tests and measurements that exist', () => {
  const specification = 'SPECIFICATION.md';
  if (!files.includes(specification)) return;
  const targets = [...read(specification).matchAll(/\]\(((?:test|bench|src|guest)\/[^)#\s]+)/g)].map(
    ([, target = '']) => target,
  );
  const proofs = targets.filter((target) => /\.(test|bench)\.ts$/.test(target));
  expect(proofs.length, 'a promise names what holds it').toBeGreaterThan(0);
  expect(targets.filter((target) => !existsSync(join(root, target)))).toEqual([]);
});

test('the lock file names no registry', () => {
  const addressed = read('package-lock.json')
    .split('\n')
    .filter((line) => line.includes('"resolved"'));
  expect(addressed, 'npm ci then takes packages from whichever registry the machine uses').toEqual([]);
});

test('the lock file knows every optional package, those of other platforms too', () => {
  interface Lock {
    readonly packages: Readonly<
      Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
    >;
  }
  const { packages } = JSON.parse(read('package-lock.json')) as Lock;
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)));
  expect(
    missing,
    'npm ci refuses the lock file on a fresh clone; npm leaves out what its registry lacks',
  ).toEqual([]);
});

/** Fenced blocks and code spans show text; they link to nothing. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}
