import { Command } from 'commander';
import { amiAttachCommand } from './attach.ts';
import { amiBuildCommand } from './build.ts';
import { amiBuildsCommand } from './builds.ts';
import { amiCancelCommand } from './cancel.ts';
import { amiCleanupCommand } from './cleanup.ts';
import { amiLogCommand } from './log.ts';
import { amiRestoreCommand } from './restore.ts';

export function amiCommand(): Command {
  return new Command('ami')
    .description('Build images from templates, and look after their versions')
    .addCommand(amiBuildCommand())
    .addCommand(amiBuildsCommand())
    .addCommand(amiLogCommand())
    .addCommand(amiAttachCommand())
    .addCommand(amiCancelCommand())
    .addCommand(amiCleanupCommand())
    .addCommand(amiRestoreCommand());
}
