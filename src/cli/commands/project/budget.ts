import { Command, InvalidArgumentError, Option } from 'commander';
import { dollars } from '../../../platform/dollars.ts';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { CliError, exitCodes } from '../../errors.ts';
import { print, printJson } from '../../output.ts';
import { actorOf } from '../../registry/places.ts';

const overWords = {
  warn: 'images that go beyond it are warned about',
  refuse: 'images that would go beyond it are refused',
} as const;

interface BudgetOptions {
  readonly over: 'warn' | 'refuse';
  readonly remove?: true;
  readonly json?: true;
}

export function projectBudgetCommand(): Command {
  return new Command('budget')
    .description('Show, set or remove what the images of a project may cost a month')
    .argument('<project>', 'its name')
    .argument('[dollars]', 'US dollars a month, as in 12.50', amount)
    .addOption(
      new Option('--over <what>', 'what happens to an image that would go beyond it')
        .choices(['warn', 'refuse'])
        .default('warn'),
    )
    .option('--remove', 'take the budget away')
    .option('--json', 'print JSON for programs')
    .action(run);
}

async function run(project: string, perMonth: number | undefined, options: BudgetOptions): Promise<void> {
  const context = await findContext();
  const client = apiClient(context).projects;
  const param = { project };
  if (options.remove && perMonth !== undefined) {
    throw new CliError('Give an amount or --remove, not both', { exitCode: exitCodes.usage });
  }
  if (options.remove) {
    await replied(client[':project'].budget.$delete({ param }), context.url);
    return print(`${project} has no budget any more`);
  }
  if (perMonth !== undefined) {
    const json = { per_month: perMonth, over: options.over, by: actorOf({}).by };
    const budget = await replied(client[':project'].budget.$put({ param, json }), context.url);
    if (options.json) return printJson(budget);
    return print(`${project} may cost ${dollars(budget.per_month)} a month: ${overWords[budget.over]}`);
  }
  const { projects } = await replied(client.$get(), context.url);
  const found = projects.find(({ name }) => name === project);
  if (found === undefined) {
    throw new CliError(`No image is of a project '${project}', and it has no budget`, {
      exitCode: exitCodes.notFound,
    });
  }
  if (options.json) return printJson(found);
  const { budget, storage_per_month, images } = found;
  const limit =
    budget === null
      ? 'It has no budget'
      : `Its budget is ${dollars(budget.per_month)}: ${overWords[budget.over]}`;
  const count = images === 1 ? '1 image' : `${images} images`;
  print(`${project}: ${count}, ${dollars(storage_per_month)} a month. ${limit}`);
}

function amount(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new InvalidArgumentError('Give an amount such as 12.50.');
}
