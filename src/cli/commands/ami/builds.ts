import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { type ListOptions, printList, withListOptions } from '../../output.ts';

export function amiBuildsCommand(): Command {
  return withListOptions(new Command('builds').description('List builds, newest first')).action(
    async (options: ListOptions) => {
      const context = await findContext();
      const { builds } = await replied(apiClient(context).builds.$get(), context.url);
      printList(
        builds,
        [{ title: 'ID', value: ({ id }) => id }],
        options,
        'No builds. A first one: ingot ami build TEMPLATE',
      );
    },
  );
}
