import { Command } from 'commander';
import { dollars } from '../../../platform/dollars.ts';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { type ListOptions, paint, printList, say, withListOptions } from '../../output.ts';

const styles = { within: 'green', near: 'yellow', beyond: 'red' } as const;

export function projectListCommand(): Command {
  return withListOptions(new Command('list'))
    .description('List projects, what their images cost a month on all targets, and their budgets')
    .action(async (options: ListOptions) => {
      const context = await findContext();
      const { projects, unanswered } = await replied(apiClient(context).projects.$get(), context.url);
      printList(
        projects,
        [
          { title: 'PROJECT', value: ({ name }) => name },
          { title: 'IMAGES', value: ({ images }) => String(images) },
          { title: 'A MONTH', value: ({ storage_per_month }) => dollars(storage_per_month) },
          { title: 'BUDGET', value: ({ budget }) => (budget === null ? '' : dollars(budget.per_month)) },
          {
            title: 'STATE',
            value: ({ state }) => state ?? '',
            style: ({ state }) => (state === null ? 'dim' : styles[state]),
          },
          { title: 'BEYOND IT', value: ({ budget }) => (budget === null ? '' : `${budget.over}s`) },
        ],
        options,
        'No image is of a project: ingot save … --project PROJECT makes one',
      );
      for (const { target, region, reason } of unanswered) {
        say(
          `${paint('yellow', '!')} ${region} of ${target} does not answer, so it is not counted: ${reason}`,
        );
      }
    });
}
