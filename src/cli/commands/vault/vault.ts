import { Command } from 'commander';
import { vaultCollectCommand } from './collect.ts';
import { vaultEvictCommand } from './evict.ts';
import { vaultRepairCommand } from './repair.ts';
import { vaultStatusCommand } from './status.ts';
import { vaultVerifyCommand } from './verify.ts';

export function vaultCommand(): Command {
  return new Command('vault')
    .description('Where snapshots are kept beyond the disks of machines: one vault a region')
    .addCommand(vaultStatusCommand())
    .addCommand(vaultVerifyCommand())
    .addCommand(vaultRepairCommand())
    .addCommand(vaultCollectCommand())
    .addCommand(vaultEvictCommand());
}
