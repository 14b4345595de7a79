import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { wholeNumber } from '../../options.ts';
import { age, type ListOptions, print, printJson, printList, say, withListOptions } from '../../output.ts';

export function rebuildsCommand(): Command {
  return new Command('rebuilds')
    .description('Templates that are built again by themselves: list, check')
    .addCommand(listCommand())
    .addCommand(checkCommand());
}

function listCommand(): Command {
  return withListOptions(new Command('list').description('List rebuilds, newest first'))
    .option('--limit <number>', 'at most so many', wholeNumber(1, 1000), 100)
    .action(async ({ limit, ...options }: ListOptions & { readonly limit: number }) => {
      const context = await findContext();
      const query = { limit: String(limit) };
      const { rebuilds } = await replied(apiClient(context).rebuilds.$get({ query }), context.url);
      printList(
        rebuilds,
        [
          { title: 'ID', value: (each) => each.rebuild_id },
          { title: 'TEMPLATE', value: (each) => each.template },
          { title: 'VERSION', value: (each) => each.version },
          { title: 'ARCH', value: (each) => each.architecture },
          { title: 'STATUS', value: (each) => each.status },
          { title: 'CHANNEL', value: (each) => each.channel },
          { title: 'BUILD', value: (each) => each.build_id },
          { title: 'BEGAN', value: (each) => age(new Date(each.created_at)) },
          { title: 'WHY', value: (each) => each.error ?? each.why },
        ],
        options,
        'Nothing was rebuilt yet. config.yaml names templates under rebuilds',
      );
    });
}

function checkCommand(): Command {
  return new Command('check')
    .description('Look now whether a base image or an interval asks for a rebuild, and begin it')
    .option('--json', 'print JSON for programs')
    .action(async ({ json }: { readonly json?: true }) => {
      const context = await findContext();
      const done = await replied(apiClient(context).rebuilds.check.$post(), context.url);
      if (json) return printJson(done);
      for (const { rebuild_id, template, why } of done.started) print(`${rebuild_id}  ${template}: ${why}`);
      if (done.started.length === 0) say('Nothing is due');
    });
}
