import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { age, type ListOptions, paint, printList, say, withListOptions } from '../../output.ts';

interface UsageOptions extends ListOptions {
  readonly target: string;
}

export function amiUsageCommand(): Command {
  return withListOptions(new Command('usage'))
    .description('Show how often each template was launched, when last, and what runs now')
    .argument('[template]', 'this one alone')
    .option('-t, --target <target>', 'where the machines are', 'local')
    .action(async (template: string | undefined, options: UsageOptions) => {
      const context = await findContext();
      const query = { target: options.target, ...(template === undefined ? {} : { template }) };
      const request = apiClient(context).launches.usage.$get({ query });
      const { templates, unanswered } = await replied(request, context.url);
      printList(
        templates,
        [
          { title: 'TEMPLATE', value: (each) => each.template },
          { title: 'LAUNCHES', value: (each) => String(each.launches) },
          {
            title: 'LAST',
            value: (each) => age(each.last_launch_at === null ? undefined : new Date(each.last_launch_at)),
          },
          { title: 'MACHINES NOW', value: (each) => String(each.machines.length) },
          {
            title: 'VERSIONS LAUNCHED',
            value: ({ versions }) => versions.map((each) => `${each.version} (${each.launches})`).join(', '),
          },
        ],
        options,
        'No template was launched, and none has an image',
      );
      for (const { region, reason } of unanswered) {
        say(`${paint('yellow', '!')} ${region} does not answer, so its machines are not counted: ${reason}`);
      }
    });
}
