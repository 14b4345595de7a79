import { Command } from 'commander';
import { findContext } from '../context.ts';
import { listMachines } from '../ec2/find-instance.ts';
import { regionOption } from '../options.ts';
import { age, type ListOptions, printList, stateStyle, withListOptions } from '../output.ts';

interface ListMachinesOptions extends ListOptions {
  readonly region?: string;
  readonly all?: true;
}

export function listCommand(): Command {
  return withListOptions(new Command('list').alias('ls').description('List the instances of every region'))
    .addOption(regionOption())
    .option('--all', 'terminated ones too')
    .action(async (options: ListMachinesOptions) => {
      const machines = await listMachines(await findContext(), {
        region: options.region,
        all: options.all === true,
      });
      const rows = machines.map(({ name, id, state, region, instance }) => ({
        name,
        id,
        state,
        region,
        type: instance.InstanceType ?? '',
        architecture: instance.Architecture ?? '',
        address: instance.PublicIpAddress ?? '',
        image: instance.ImageId ?? '',
        launchedAt: instance.LaunchTime?.toISOString() ?? '',
        reason: instance.StateReason?.Message ?? '',
      }));
      const columns = [
        { title: 'NAME', value: (row: (typeof rows)[number]) => row.name || row.id },
        {
          title: 'STATE',
          value: (row: (typeof rows)[number]) => row.state,
          style: (row: (typeof rows)[number]) => stateStyle(row.state),
        },
        { title: 'ADDRESS', value: (row: (typeof rows)[number]) => row.address || '-' },
        { title: 'TYPE', value: (row: (typeof rows)[number]) => row.type },
        { title: 'REGION', value: (row: (typeof rows)[number]) => row.region },
        { title: 'ID', value: (row: (typeof rows)[number]) => row.id },
        { title: 'IMAGE', value: (row: (typeof rows)[number]) => row.image },
        { title: 'LAUNCHED', value: (row: (typeof rows)[number]) => age(new Date(row.launchedAt)) },
      ];
      printList(rows, columns, options, 'No instances. A first one: ingot launch tiny web --wait');
    });
}
