import { Command } from 'commander';
import { tokenAddCommand } from './add.ts';
import { tokenListCommand } from './list.ts';
import { tokenRemoveCommand } from './remove.ts';

export function tokenCommand(): Command {
  return new Command('token')
    .description('Tokens for people and programs: each has a role, and the audit log knows it by its name')
    .addCommand(tokenAddCommand())
    .addCommand(tokenListCommand())
    .addCommand(tokenRemoveCommand());
}
