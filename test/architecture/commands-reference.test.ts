import { expect, test } from 'vitest';
import { describeCommands } from '../../scripts/generate-commands.ts';
import { ingotProgram } from '../../src/cli/program.ts';
import { read } from './tree.ts';

test('docs/reference/commands.md tells of every command, argument and option', () => {
  const page = read('docs/reference/commands.md');
  expect(page, 'write it anew: node scripts/generate-commands.ts').toBe(describeCommands(ingotProgram()));
});
