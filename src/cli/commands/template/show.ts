import { Command } from 'commander';
import { checkedTemplate } from '../../checked-template.ts';
import { duration, paint, print, printJson } from '../../output.ts';
import { parametersOption, parseParameters } from '../../parameters.ts';

interface Options {
  readonly json?: true;
  readonly source?: true;
  readonly param: readonly string[];
}

export function templateShowCommand(): Command {
  return new Command('show')
    .description('Show a template as a build would use it: parents, parameters and defaults applied')
    .argument('<template>', 'a name, or a path such as ./mine.yml')
    .addOption(parametersOption())
    .option('--source', 'print the file as it is')
    .option('--json', 'print JSON for programs')
    .action(async (given: string, options: Options) => {
      const template = await checkedTemplate(given, parseParameters(options.param));
      if (options.json) return printJson(template);
      if (options.source) return print(template.source.trimEnd());
      const field = (name: string, value: string) => {
        if (value !== '') print(`${paint('dim', name.padEnd(13))}${value}`);
      };
      print(paint('bold', template.name));
      field('', template.description);
      field('File', template.file);
      field('Base', `${template.base} (${template.architectures.join(', ')})`);
      field('Regions', template.regions.join(', '));
      field('Ports', template.ports.join(', '));
      field('Tags', pairs(template.tags));
      const { readiness } = template;
      if (readiness !== null) {
        const times = `every ${duration(readiness.interval_seconds * 1000)}, ${readiness.attempts} times`;
        field('Ready when', `${readiness.asks.join(', ')} (asked ${times})`);
      }
      if (template.golden_image) field('Golden image', 'of each version that came up');
      field('Digest', template.digest.slice(0, 16));
      section('Parameters', template.parameters, (each) => {
        const value = each.default === undefined ? (each.required ? 'required' : 'none') : `${each.default}`;
        const choices = each.choices === undefined ? '' : ` of ${each.choices.join(', ')}`;
        return [`${each.name} = ${each.secret ? 'a secret' : value}${choices}`, each.description];
      });
      section('Steps', template.steps, (step) => stepCells(step, step.cached ? [] : ['never cached']));
      section('At each deployment', template.first_boot, (step) => stepCells(step, []));
      section('Checks', template.validation_tests, ({ name, command }) => [
        name,
        command.trim().split('\n')[0] ?? '',
      ]);
    });
}

type Template = Awaited<ReturnType<typeof checkedTemplate>>;

function stepCells(
  { name, line, timeout_seconds: timeout, files }: Template['steps'][number],
  notes: readonly string[],
): readonly [string, string] {
  const copied = files.length === 0 ? [] : [`copies ${files.map(({ target }) => target).join(', ')}`];
  return [name, [`line ${line}`, `up to ${duration(timeout * 1000)}`, ...copied, ...notes].join(' · ')];
}

function section<T>(title: string, rows: readonly T[], cells: (row: T) => readonly [string, string]): void {
  if (rows.length === 0) return;
  print('');
  print(paint('bold', title));
  const lines = rows.map(cells);
  const width = Math.max(...lines.map(([first]) => first.length));
  for (const [first, second] of lines) print(`  ${first.padEnd(width)}  ${paint('dim', second)}`.trimEnd());
}

function pairs(map: Readonly<Record<string, string>>): string {
  return Object.entries(map)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}
