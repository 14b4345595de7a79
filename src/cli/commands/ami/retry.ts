import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import type { FollowOptions } from '../../builds/follow-build.ts';
import { findContext } from '../../context.ts';
import { followCreations } from '../../creations/follow-creation.ts';

export function amiRetryCommand(): Command {
  return new Command('retry')
    .description('Copy a saved image once more into the regions that failed')
    .argument('<id>', "the creation's id, or its image's")
    .option('--json', 'print JSON for programs')
    .option('-q, --quiet', "print the image's id alone")
    .option('-v, --verbose', 'print all that is said')
    .action(async (id: string, options: FollowOptions) => {
      const context = await findContext();
      const retry = apiClient(context).ami.status[':creation_id'].retry;
      const creation = await replied(retry.$post({ param: { creation_id: id } }), context.url);
      await followCreations(context, [creation], options);
    });
}
