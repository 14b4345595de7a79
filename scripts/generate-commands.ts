/** Writes docs/reference/commands.md: every command of `ingot`, from what commander knows of it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { ingotProgram } from '../src/cli/program.ts';

/** The page. */
export function describeCommands(program: Command): string {
  const groups = Map.groupBy(program.commands, (command) => command.helpGroup().replace(/:$/, ''));
  return `${[
    '# Commands',
    '',
    'Written by `node scripts/generate-commands.ts`; a test compares it with the commands. Data goes to standard output,',
    'talk to standard error; `--json` prints data for programs, `--quiet` ids or names alone. How a command ends:',
    '[exit codes](exit-codes.md). `ingot completion bash`, `zsh` or `fish` prints a script that completes all of this.',
    '',
    ...[...groups].flatMap(([title, commands]) => [
      `## ${title}`,
      '',
      ...commands.flatMap((command) => leavesOf(command, `ingot ${command.name()}`).flatMap(section)),
    ]),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

interface Leaf {
  readonly command: Command;
  readonly path: string;
}

/** What can be run: a command that only holds others says nothing by itself. */
function leavesOf(command: Command, path: string): readonly Leaf[] {
  if (command.commands.length === 0) return [{ command, path }];
  return command.commands.flatMap((each) => leavesOf(each, `${path} ${each.name()}`));
}

function section({ command, path }: Leaf): readonly string[] {
  const help = command.createHelp();
  const given = command.registeredArguments.map((argument) => help.argumentTerm(argument));
  const usage = command.registeredArguments.map(({ required, variadic }, at) => {
    const name = `${given[at]}${variadic ? '...' : ''}`;
    return required ? `<${name}>` : `[${name}]`;
  });
  const options = command.options.filter(({ hidden }) => !hidden);
  const rows = [
    ...command.registeredArguments.map((argument, at) => [
      usage[at] ?? '',
      help.argumentDescription(argument),
    ]),
    ...options.map((option) => [help.optionTerm(option), help.optionDescription(option)]),
  ];
  const alias = command.alias();
  return [
    `### ${path}`,
    '',
    `\`${[path, ...usage, ...(options.length === 0 ? [] : ['[options]'])].join(' ')}\``,
    '',
    `${command.description()}.${alias ? ` Also \`${alias}\`.` : ''}`,
    '',
    ...(rows.length === 0 ? [] : ['| | |', '|---|---|', ...rows.map(row), '']),
  ];
}

function row([term = '', description = '']: readonly string[]): string {
  return `| \`${term.replaceAll('|', '\\|')}\` | ${description.replaceAll('|', '\\|').replaceAll('<', '&lt;')} |`;
}

if (import.meta.main) {
  const page = fileURLToPath(new URL('../docs/reference/commands.md', import.meta.url));
  writeFileSync(page, describeCommands(ingotProgram()));
}
