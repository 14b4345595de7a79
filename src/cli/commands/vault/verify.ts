import { Command } from 'commander';
import { findContext } from '../../context.ts';
import { exitCodes } from '../../errors.ts';
import { regionOption } from '../../options.ts';
import { printJson, say } from '../../output.ts';
import { createStages } from '../../stages.ts';
import { followed, printHarmed } from './care.ts';
import { type VaultOptions, vaultRegions } from './regions.ts';

export function vaultVerifyCommand(): Command {
  return new Command('verify')
    .description('Read and hash every block again, and name the snapshots and images that are harmed')
    .addOption(regionOption())
    .option('--json', 'print JSON for programs')
    .action(async (options: VaultOptions) => {
      const context = await findContext();
      const stages = createStages();
      const cares = [];
      for (const region of await vaultRegions(context, options.region)) {
        cares.push(await followed(context, stages, 'verify', region));
      }
      if (options.json) printJson(cares);
      else printHarmed(cares);
      if (cares.every((care) => care.harmed.length === 0)) return;
      process.exitCode = exitCodes.failed;
      if (!options.json) say('To mend them from other regions and from local disks: ingot vault repair');
    });
}
