import { Command } from 'commander';
import { type ConsentOptions, consents } from '../ask.ts';
import { findContext } from '../context.ts';
import { changeState } from '../ec2/change-state.ts';
import { findMachine, type Machine } from '../ec2/find-instance.ts';
import { dryRunOption, regionOption, yesOption } from '../options.ts';
import { say } from '../output.ts';
import { createStages } from '../stages.ts';

interface TerminateOptions extends ConsentOptions {
  readonly region?: string;
}

export function terminateCommand(): Command {
  return new Command('terminate')
    .description('Remove instances and the disks that go with them')
    .argument('<names...>', 'names or ids')
    .addOption(regionOption())
    .addOption(yesOption())
    .addOption(dryRunOption())
    .action(async (names: readonly string[], options: TerminateOptions) => {
      const context = await findContext();
      const machines = await Promise.all(names.map((name) => findMachine(context, name, options.region)));
      say(`${options.dryRun ? 'Would terminate' : 'To terminate'}:`);
      for (const machine of machines) say(`  ${describe(machine)}`);
      if (await consents(`Terminate ${machines.length === 1 ? 'it' : `all ${machines.length}`}?`, options)) {
        await changeState(context, machines, 'terminate', createStages());
      }
    });
}

function describe({ id, name, region, state, instance }: Machine): string {
  const disks = instance.BlockDeviceMappings ?? [];
  const gone = disks.filter((disk) => disk.Ebs?.DeleteOnTermination).length;
  const kept = disks.length - gone;
  const keeps = kept === 0 ? '' : `, ${kept} kept`;
  return `${name === '' ? id : `${name} (${id})`} in ${region}, ${state}: ${gone} of its disks deleted${keeps}`;
}
