import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { print } from '../../output.ts';

export function tokenRemoveCommand(): Command {
  return new Command('remove')
    .alias('rm')
    .description('Remove a token: it opens nothing from now on')
    .argument('<name>', 'which one')
    .action(async (name: string) => {
      const context = await findContext();
      await replied(apiClient(context).tokens[':name'].$delete({ param: { name } }), context.url);
      print(`${name} is removed`);
    });
}
