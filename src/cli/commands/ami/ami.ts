import { Command } from 'commander';
import { amiBuildsCommand } from './builds.ts';

export function amiCommand(): Command {
  return new Command('ami')
    .description('Build images from templates, and look after their versions')
    .addCommand(amiBuildsCommand());
}
