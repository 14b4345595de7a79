import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { type ConsentOptions, consents } from '../../ask.ts';
import { findContext } from '../../context.ts';
import { dryRunOption, yesOption } from '../../options.ts';
import { say } from '../../output.ts';

export function targetRemoveCommand(): Command {
  return new Command('remove')
    .alias('rm')
    .description('Forget a target; images that were built there stay')
    .argument('<name>', 'which one')
    .addOption(yesOption())
    .addOption(dryRunOption())
    .action(async (name: string, options: ConsentOptions) => {
      const context = await findContext();
      say(
        `${options.dryRun ? 'Would forget' : 'To forget'} the target ${name}; its images stay where they are`,
      );
      if (!(await consents('Forget it?', options))) return;
      await replied(apiClient(context).targets[':name'].$delete({ param: { name } }), context.url);
      say(`${name} is forgotten`);
    });
}
