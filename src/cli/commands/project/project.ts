import { Command } from 'commander';
import { projectBudgetCommand } from './budget.ts';
import { projectListCommand } from './list.ts';

export function projectCommand(): Command {
  return new Command('project')
    .description('Projects: what their images cost, and the budgets that hold them')
    .addCommand(projectListCommand())
    .addCommand(projectBudgetCommand());
}
