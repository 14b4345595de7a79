import { Command } from 'commander';
import { allPages, apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { age, type ListOptions, printList, withListOptions } from '../../output.ts';

export function tokenListCommand(): Command {
  return withListOptions(
    new Command('list').alias('ls').description('List the tokens; that of the home is not among them'),
  ).action(async (options: ListOptions) => {
    const context = await findContext();
    const tokens = await allPages(
      (page) => replied(apiClient(context).tokens.$get({ query: page }), context.url),
      (body) => body.tokens,
    );
    printList(
      tokens,
      [
        { title: 'NAME', value: (each) => each.name },
        { title: 'ROLE', value: (each) => each.role },
        { title: 'CREATED', value: (each) => age(new Date(each.created_at)) },
        { title: 'BY', value: (each) => each.created_by },
        { title: 'USED', value: (each) => (each.used_at === null ? 'never' : age(new Date(each.used_at))) },
        { title: 'EXPIRES', value: (each) => each.expires_at?.slice(0, 16).replace('T', ' ') ?? 'never' },
      ],
      options,
      'None. ingot token add NAME makes one',
    );
  });
}
