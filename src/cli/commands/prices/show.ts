import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { pricesLine } from '../../costs/costs-lines.ts';
import { type ListOptions, printJson, printList, say, withListOptions } from '../../output.ts';

interface ShowOptions extends ListOptions {
  readonly target: string;
  readonly type?: string;
}

export function pricesShowCommand(): Command {
  return withListOptions(new Command('show'))
    .description('Show what storage, transfer and a machine cost in each region of a target, and who says so')
    .option('-t, --target <target>', 'whose regions', 'local')
    .option('--type <type>', "of this instance type; that of the target's builders unless told")
    .action(async (options: ShowOptions) => {
      const context = await findContext();
      const type = options.type === undefined ? {} : { instance_type: options.type };
      const request = apiClient(context).prices.$get({ query: { target: options.target, ...type } });
      const { prices, regions } = await replied(request, context.url);
      if (options.json) return printJson({ prices, regions });
      printList(
        regions,
        [
          { title: 'REGION', value: ({ region, known }) => (known ? region : `${region} (as us-east-1)`) },
          { title: 'STORAGE, GIB A MONTH', value: (each) => unitPrice(each.storage_per_gb_month) },
          { title: 'TRANSFER, GIB', value: (each) => spread(Object.values(each.transfer_per_gb)) },
          {
            title: `${(regions[0]?.instance_type ?? '').toUpperCase()}, HOUR`,
            value: (each) =>
              each.instance_per_hour === null ? 'not known' : unitPrice(each.instance_per_hour),
          },
        ],
        options,
        'The target has no regions',
      );
      if (!options.quiet) say(pricesLine(prices));
    });
}

function spread(prices: readonly number[]): string {
  if (prices.length === 0) return '';
  const [least, most] = [Math.min(...prices), Math.max(...prices)];
  return least === most ? unitPrice(least) : `${unitPrice(least)} to ${unitPrice(most)}`;
}

/** Not rounded: a price list has fractions of a cent. */
function unitPrice(price: number): string {
  return `$${price}`;
}
