import { Command } from 'commander';
import { findContext } from '../context.ts';
import { changeState } from '../ec2/change-state.ts';
import { findMachine } from '../ec2/find-instance.ts';
import { regionOption } from '../options.ts';
import { createStages } from '../stages.ts';

export function startCommand(): Command {
  return new Command('start')
    .description('Start stopped instances')
    .argument('<names...>', 'names or ids')
    .addOption(regionOption())
    .action(async (names: readonly string[], options: { readonly region?: string }) => {
      const context = await findContext();
      const machines = await Promise.all(names.map((name) => findMachine(context, name, options.region)));
      await changeState(context, machines, 'start', createStages());
    });
}
