import { expect, test } from 'vitest';
import { commandLine } from './run.ts';

test('one argument is a line for the far shell, as written', () => {
  expect(commandLine(['echo $HOME | wc -c'])).toBe('echo $HOME | wc -c');
});

test('several arguments are words, each kept whole', () => {
  expect(commandLine(['sh', '-c', "echo it's $HOME"])).toBe(`sh -c 'echo it'\\''s $HOME'`);
});
