import { Command } from 'commander';
import { type FollowOptions, followBuild } from '../../builds/follow-build.ts';
import { isCreation } from '../../builds/run-path.ts';
import { findContext } from '../../context.ts';
import { followCreation } from '../../creations/follow-creation.ts';

export function amiAttachCommand(): Command {
  return new Command('attach')
    .description('Follow a build or creation that runs; Ctrl-C leaves it to itself again')
    .argument('<build>', 'its id')
    .option('--json', 'print JSON for programs')
    .option('-q, --quiet', "print the image's id alone")
    .option('-v, --verbose', "print all of the steps' output")
    .action(async (id: string, options: FollowOptions) => {
      const context = await findContext();
      await (isCreation(id) ? followCreation(context, id, options) : followBuild(context, id, options));
    });
}
