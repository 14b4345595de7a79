import { Command } from 'commander';
import { adminClient, answered } from '../../admin-client.ts';
import { type ConsentOptions, consents } from '../../ask.ts';
import { findContext } from '../../context.ts';
import { dryRunOption, regionOption, yesOption } from '../../options.ts';
import { printJson, say } from '../../output.ts';
import { createStages } from '../../stages.ts';
import { bytes, counted, type VaultOptions, vaultRegions } from './regions.ts';

export function vaultCollectCommand(): Command {
  return new Command('collect')
    .description('Remove the blocks that no snapshot has any more; the server does it by itself, too')
    .addOption(regionOption())
    .addOption(yesOption())
    .addOption(dryRunOption())
    .option('--json', 'print JSON for programs')
    .action(async (options: VaultOptions & ConsentOptions) => {
      const context = await findContext();
      const stages = createStages();
      const regions = await vaultRegions(context, options.region);
      const collect = async (region: string, dryRun: boolean) => {
        const request = adminClient(context).vault[':region'].collect.$post({
          param: { region },
          json: { dryRun },
        });
        return { region, ...(await answered(request, context.url)) };
      };
      const each = async (title: string, dryRun: boolean) => {
        const results = [];
        for (const region of regions) {
          const result = await stages.run(`${title} ${region}`, () => collect(region, dryRun), removed);
          results.push(result);
        }
        return results;
      };
      if (options.yes && !options.dryRun) {
        const collected = await each('Collecting', false);
        return options.json ? printJson(collected) : undefined;
      }
      const found = await each('Looking through', true);
      if (options.json && options.dryRun) return printJson(found);
      if (found.every(({ removedBlocks }) => removedBlocks === 0)) return say('There is nothing to remove');
      if (await consents('Remove them?', options)) {
        const collected = await each('Collecting', false);
        if (options.json) printJson(collected);
      }
    });
}

function removed({ removedBlocks, removedBytes }: { removedBlocks: number; removedBytes: number }): string {
  return removedBlocks === 0 ? 'nothing' : `${counted(removedBlocks, 'block')}, ${bytes(removedBytes)}`;
}
