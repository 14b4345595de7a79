import { Command } from 'commander';
import { dollars } from '../../../platform/dollars.ts';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import {
  type Comparison,
  type CostSum,
  comparisonLines,
  type ImageCost,
  imageColumns,
  type PricesUsed,
  pricesLine,
  sumColumns,
} from '../../costs/costs-lines.ts';
import { CliError, exitCodes } from '../../errors.ts';
import { regionOption } from '../../options.ts';
import { type Column, paint, print, printJson, say, tableLines } from '../../output.ts';

interface CostsOptions {
  readonly target: string;
  readonly region?: string;
  readonly project?: string;
  readonly json?: true;
}

export function amiCostsCommand(): Command {
  return new Command('costs')
    .description(
      'Show what images cost, and from how many launches an image is cheaper than setting up each time',
    )
    .argument('[name]', "an image's id or name, or a template; all of one's own unless told")
    .option('--project <project>', 'of this project alone')
    .option('-t, --target <target>', 'where the images are', 'local')
    .addOption(regionOption())
    .option('--json', 'print JSON for programs')
    .addHelpText(
      'after',
      '\nStorage is counted by the blocks that no older image of yours holds, where the target tells its blocks.\n' +
        'Prices: ingot prices show. Budgets: ingot project list.',
    )
    .action(run);
}

async function run(name: string | undefined, options: CostsOptions): Promise<void> {
  const context = await findContext();
  const { target, region, project } = options;
  const ask = (which: { readonly image?: string; readonly template?: string }) => {
    const places = { target, ...(region === undefined ? {} : { region }) };
    const query = { ...places, ...(project === undefined ? {} : { project }), ...which };
    return replied(apiClient(context).ami.costs.$get({ query }), context.url);
  };
  const named = await ask(name === undefined ? {} : { image: name });
  const costs = name === undefined || named.images.length > 0 ? named : await ask({ template: name });
  if (options.json) printJson(costs);
  else show(costs);
  for (const { region: silent, reason } of costs.unanswered) {
    say(`${paint('yellow', '!')} ${silent} does not answer, so its images are not counted: ${reason}`);
  }
  if (name !== undefined && costs.images.length === 0 && costs.unanswered.length === 0) {
    throw new CliError(
      `No image of yours in the target ${target} is named '${name}', or of such a template`,
      {
        exitCode: exitCodes.notFound,
      },
    );
  }
}

interface Costs {
  readonly prices: PricesUsed;
  readonly images: readonly ImageCost[];
  readonly templates: readonly CostSum[];
  readonly projects: readonly CostSum[];
  readonly total: CostSum;
  readonly comparisons: readonly Comparison[];
}

function show({ prices, images, templates, projects, total, comparisons }: Costs): void {
  if (images.length === 0) {
    say('No images of yours are here');
    return;
  }
  printTable(images, imageColumns);
  if (templates.length > 0) printTable(templates, sumColumns('TEMPLATE'));
  if (projects.length > 0) printTable(projects, sumColumns('PROJECT'));
  print(
    `All: ${total.stored_gb.toFixed(2)} GiB in ${total.images === 1 ? '1 image' : `${total.images} images`}, ${dollars(total.storage_per_month)} a month`,
  );
  if (comparisons.length > 0) print(`\n${paint('bold', 'Its image, or setting up at each launch')}`);
  for (const line of comparisons.flatMap(comparisonLines)) print(line);
  say(`\n${pricesLine(prices)}`);
}

function printTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void {
  for (const line of tableLines(rows, columns, process.stdout.columns)) print(line);
  print('');
}
