import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import {
  age,
  duration,
  type ListOptions,
  paint,
  printList,
  stateStyle,
  withListOptions,
} from '../../output.ts';

export function amiBuildsCommand(): Command {
  return withListOptions(new Command('builds').description('List builds, newest first'))
    .argument('[template]', 'only those of this template')
    .action(async (template: string | undefined, options: ListOptions) => {
      const context = await findContext();
      const query = { limit: '50', ...(template === undefined ? {} : { template }) };
      const { builds } = await replied(apiClient(context).builds.$get({ query }), context.url);
      printList(
        builds,
        [
          { title: 'ID', value: (build) => build.build_id },
          { title: 'TEMPLATE', value: (build) => build.template },
          { title: 'VERSION', value: (build) => build.version },
          { title: 'STATUS', value: (build) => build.status, style: (build) => stateStyle(build.status) },
          { title: 'AMI', value: (build) => build.ami_id ?? '' },
          { title: 'REGION', value: (build) => build.region },
          { title: 'ARCH', value: (build) => build.architecture },
          { title: 'TIME', value: (build) => duration(build.build_time_seconds * 1000) },
          { title: 'BEGAN', value: (build) => age(new Date(build.created_at)) },
        ],
        options,
        `No builds. A first one: ${paint('bold', 'ingot ami build TEMPLATE')}`,
      );
    });
}
