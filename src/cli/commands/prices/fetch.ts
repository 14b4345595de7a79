import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { print } from '../../output.ts';
import { createStages } from '../../stages.ts';

export function pricesFetchCommand(): Command {
  return new Command('fetch')
    .description('Ask AWS for its list prices, with the keys of a target that may pricing:GetProducts')
    .argument('<target>', 'one of the kind aws: its regions are asked about')
    .action(async (target: string) => {
      const context = await findContext();
      const ask = () => replied(apiClient(context).prices.fetch.$post({ json: { target } }), context.url);
      const { date, regions } = await createStages().run('Asking AWS for its prices', ask);
      print(`AWS's prices of ${date} count from now on in ${regions.join(', ')}`);
    });
}
