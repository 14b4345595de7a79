import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { showBuild } from '../../builds/follow-build.ts';
import { findContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { print } from '../../output.ts';
import { createStages } from '../../stages.ts';

export function amiCancelCommand(): Command {
  return new Command('cancel')
    .description('End a build, or give up a failed one that is kept, and remove what it made')
    .argument('<build>', 'the id of the build')
    .action(async (id: string) => {
      const context = await findContext();
      const before = await showBuild(context, id);
      const isOver = !['running', 'ending', 'held'].includes(before.status) && before.left_over.length === 0;
      if (isOver) return print(`${id} is over already: ${before.status}`);
      const request = () => apiClient(context).builds[':build_id'].cancel.$post({ param: { build_id: id } });
      const after = await createStages().run(
        `Ending ${id}`,
        async () => await replied(request(), context.url),
      );
      if (after.left_over.length === 0) return print(`${id} is ${after.status}; nothing of it is left`);
      const list = after.left_over.map(({ step, message }) => `  ${step}: ${message}`).join('\n');
      throw new CliError(`${id} is ${after.status}, and this is left over:\n${list}`);
    });
}
