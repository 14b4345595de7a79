import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { type ListOptions, printList, say, withListOptions } from '../../output.ts';

export function targetListCommand(): Command {
  return withListOptions(new Command('list').alias('ls').description('List the targets')).action(
    async (options: ListOptions) => {
      const context = await findContext();
      const { targets, mistakes } = await replied(apiClient(context).targets.$get(), context.url);
      type Row = (typeof targets)[number];
      const columns = [
        { title: 'TARGET', value: (row: Row) => row.name },
        { title: 'AT', value: (row: Row) => row.endpoint },
        { title: 'LOGIN', value: (row: Row) => row.login },
        { title: 'REGIONS', value: (row: Row) => row.regions.join(', ') },
        {
          title: 'BUILDERS',
          value: ({ builder }: Row) =>
            `${builder.instance_type.x86_64}, ${builder.instance_type.arm64}, by ${builder.address} address`,
        },
      ];
      printList(targets, columns, options, 'No targets');
      for (const { message } of mistakes) say(message);
    },
  );
}
