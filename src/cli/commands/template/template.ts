import { Command } from 'commander';
import { templateListCommand } from './list.ts';
import { templateNewCommand } from './new.ts';
import { templateShowCommand } from './show.ts';
import { templateValidateCommand } from './validate.ts';

export function templateCommand(): Command {
  return new Command('template')
    .description('Templates: what images are made of. These commands need no server')
    .addCommand(templateListCommand())
    .addCommand(templateShowCommand())
    .addCommand(templateValidateCommand())
    .addCommand(templateNewCommand());
}
