import { Command } from 'commander';
import { type FollowOptions, followBuild } from '../../builds/follow-build.ts';
import { findContext } from '../../context.ts';

export function amiAttachCommand(): Command {
  return new Command('attach')
    .description('Follow a build that runs; Ctrl-C leaves it to itself again')
    .argument('<build>', 'the id of the build')
    .option('--json', 'print JSON for programs')
    .option('-q, --quiet', "print the image's id alone")
    .option('-v, --verbose', "print all of the steps' output")
    .action(async (id: string, options: FollowOptions) => followBuild(await findContext(), id, options));
}
