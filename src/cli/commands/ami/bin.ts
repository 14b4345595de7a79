import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { regionOption } from '../../options.ts';
import { age, type ListOptions, printList, withListOptions } from '../../output.ts';

interface BinOptions extends ListOptions {
  readonly target: string;
  readonly region?: string;
}

const bins = { 'recycle-bin': 'deleted', retention: 'put aside by a cleanup' } as const;

export function amiBinCommand(): Command {
  return withListOptions(new Command('bin'))
    .description('List deleted images that ami restore can take back, and until when')
    .option('-t, --target <target>', 'where', 'local')
    .addOption(regionOption())
    .action(async ({ target, region, ...options }: BinOptions) => {
      const context = await findContext();
      const query = { target, ...(region === undefined ? {} : { region }) };
      const { images } = await replied(apiClient(context).ami.bin.$get({ query }), context.url);
      printList(
        images,
        [
          { title: 'AMI', value: ({ ami_id }) => ami_id },
          { title: 'NAME', value: ({ name }) => name },
          { title: 'REGION', value: ({ region: at }) => at },
          { title: 'HOW', value: ({ bin }) => bins[bin] },
          { title: 'SINCE', value: ({ since }) => age(since === null ? undefined : new Date(since)) },
          { title: 'GONE AFTER', value: ({ until }) => until?.slice(0, 10) ?? '' },
        ],
        options,
        'The bins are empty',
      );
    });
}
