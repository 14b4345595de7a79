import { Command } from 'commander';
import { pricesFetchCommand } from './fetch.ts';
import { pricesShowCommand } from './show.ts';

export function pricesCommand(): Command {
  return new Command('prices')
    .description('The prices behind every figure of money')
    .addCommand(pricesShowCommand(), { isDefault: true })
    .addCommand(pricesFetchCommand());
}
