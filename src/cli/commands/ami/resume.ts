import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { type FollowOptions, followBuild } from '../../builds/follow-build.ts';
import { findContext } from '../../context.ts';

export function amiResumeCommand(): Command {
  return new Command('resume')
    .description('Go on with a failed build from the step that failed, with the template as it is now')
    .argument('<build>', 'the id of the build')
    .option('--json', 'print JSON for programs')
    .option('-q, --quiet', "print the image's id alone")
    .option('-v, --verbose', "print all of the steps' output")
    .action(async (id: string, options: FollowOptions) => {
      const context = await findContext();
      const request = apiClient(context).builds[':build_id'].resume.$post({ param: { build_id: id } });
      await replied(request, context.url);
      await followBuild(context, id, options);
    });
}
