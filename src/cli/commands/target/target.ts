import { Command } from 'commander';
import { targetAddCommand } from './add.ts';
import { targetCheckCommand } from './check.ts';
import { targetListCommand } from './list.ts';
import { targetPolicyCommand } from './policy.ts';
import { targetRemoveCommand } from './remove.ts';

export function targetCommand(): Command {
  return new Command('target')
    .description('Targets: where images are built. `local` is built in; AWS and any other EC2 can be added')
    .addCommand(targetListCommand())
    .addCommand(targetAddCommand())
    .addCommand(targetRemoveCommand())
    .addCommand(targetCheckCommand())
    .addCommand(targetPolicyCommand());
}
