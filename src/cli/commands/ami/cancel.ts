import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { showBuild } from '../../builds/follow-build.ts';
import { isCreation } from '../../builds/run-path.ts';
import { type Context, findContext } from '../../context.ts';
import { showCreation } from '../../creations/show-creation.ts';
import { CliError } from '../../errors.ts';
import { print } from '../../output.ts';
import { createStages } from '../../stages.ts';

const underWay: ReadonlySet<string> = new Set(['running', 'ending', 'held', 'pending', 'in_progress']);

export function amiCancelCommand(): Command {
  return new Command('cancel')
    .description('End a build or creation, or give up a failed build that is kept, and remove what it made')
    .argument('<build>', 'its id')
    .action(async (id: string) => {
      const context = await findContext();
      const before = await (isCreation(id) ? showCreation(context, id) : showBuild(context, id));
      if (!underWay.has(before.status) && before.left_over.length === 0) {
        return print(`${id} is over already: ${before.status}`);
      }
      const after = await createStages().run(`Ending ${id}`, () => cancel(context, id));
      if (after.left_over.length === 0) return print(`${id} is ${after.status}; nothing of it is left`);
      const list = after.left_over.map(({ step, message }) => `  ${step}: ${message}`).join('\n');
      throw new CliError(`${id} is ${after.status}, and this is left over:\n${list}`);
    });
}

async function cancel(context: Context, id: string) {
  const api = apiClient(context);
  if (isCreation(id)) {
    const request = api.ami.status[':creation_id'].cancel.$post({ param: { creation_id: id } });
    return await replied(request, context.url);
  }
  return await replied(api.builds[':build_id'].cancel.$post({ param: { build_id: id } }), context.url);
}
