import { Command } from 'commander';
import { findContext } from '../../context.ts';
import { exitCodes } from '../../errors.ts';
import { dryRunOption, regionOption } from '../../options.ts';
import { printJson, say } from '../../output.ts';
import { createStages } from '../../stages.ts';
import { followed, printHarmed } from './care.ts';
import { type VaultOptions, vaultRegions } from './regions.ts';

export function vaultRepairCommand(): Command {
  return new Command('repair')
    .description('Verify, and put back what is bad from other regions and from local disks')
    .addOption(regionOption())
    .addOption(dryRunOption())
    .option('--json', 'print JSON for programs')
    .action(async (options: VaultOptions & { readonly dryRun?: true }) => {
      const context = await findContext();
      const stages = createStages();
      const action = options.dryRun ? 'verify' : 'repair';
      const cares = [];
      for (const region of await vaultRegions(context, options.region)) {
        cares.push(await followed(context, stages, action, region));
      }
      if (options.json) printJson(cares);
      else printHarmed(cares);
      if (cares.every((care) => care.harmed.length === 0)) return;
      process.exitCode = exitCodes.failed;
      if (!options.json && !options.dryRun) {
        say(
          'Nobody has these blocks whole. Delete what is harmed, or capture it again while its machine is there.',
        );
      }
    });
}
