import { Command, Option } from 'commander';
import { amiCreationStatuses, deploymentStatuses } from '../../../api/deployments/statuses.ts';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { deploymentStyle } from '../../deployments/deployment-lines.ts';
import { wholeNumber } from '../../options.ts';
import { age, duration, type ListOptions, paint, printList, withListOptions } from '../../output.ts';

interface Options extends ListOptions {
  readonly version?: string;
  readonly status?: (typeof deploymentStatuses)[number];
  readonly imageStatus?: (typeof amiCreationStatuses)[number];
  readonly all?: true;
  readonly limit: number;
}

export function listDeploymentsCommand(): Command {
  return withListOptions(new Command('list').description('List deployments, newest first'))
    .argument('[app]', 'only those of this app')
    .option('--version <version>', 'only those of this version')
    .addOption(new Option('--status <status>', 'only those that stand so').choices(deploymentStatuses))
    .addOption(
      new Option('--image-status <status>', 'only those whose image stands so').choices(amiCreationStatuses),
    )
    .option('--all', 'deleted ones too')
    .option('--limit <number>', 'at most so many', wholeNumber(1, 1000), 100)
    .action(list);
}

async function list(app: string | undefined, options: Options): Promise<void> {
  const context = await findContext();
  const query = {
    ...(app === undefined ? {} : { deployment_type: app }),
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.status === undefined ? {} : { status: options.status }),
    ...(options.imageStatus === undefined ? {} : { ami_creation_status: options.imageStatus }),
    all: options.all === true ? ('true' as const) : ('false' as const),
    limit: String(options.limit),
  };
  const { deployments } = await replied(apiClient(context).deployments.$get({ query }), context.url);
  printList(
    deployments,
    [
      { title: 'ID', value: (each) => each.id },
      { title: 'NAME', value: (each) => each.job_name },
      { title: 'APP', value: (each) => each.deployment_type },
      { title: 'VERSION', value: (each) => each.version },
      { title: 'MODE', value: (each) => each.mode ?? '' },
      { title: 'STATUS', value: (each) => each.status, style: (each) => deploymentStyle(each.status) },
      {
        title: 'READY IN',
        value: (each) => (each.ready_seconds === null ? '' : duration(each.ready_seconds * 1000)),
      },
      { title: 'IMAGE', value: (each) => each.ami_creation_status ?? '' },
      { title: 'AMI', value: (each) => each.created_ami_id ?? '' },
      { title: 'REGION', value: (each) => each.region },
      { title: 'BEGAN', value: (each) => age(new Date(each.created_at)) },
    ],
    options,
    `No deployments. A first one: ${paint('bold', 'ingot deploy APP --version V')}`,
  );
}
