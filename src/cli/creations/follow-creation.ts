/** Follows creations to their rest. Ctrl-C leaves them to themselves: they run in the server. */
import { type FollowOptions, watchInServer } from '../builds/follow-build.ts';
import { followRuns } from '../builds/follow-builds.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { print, printJson } from '../output.ts';
import { doneLines, failedRegions } from './creation-lines.ts';
import { type CreationBody, showCreation } from './show-creation.ts';

/** Prints the outcome. Throws where one, or one of its copies, did not succeed. */
export async function followCreations(
  context: Context,
  creations: readonly CreationBody[],
  options: FollowOptions,
): Promise<void> {
  if (!(await watched(creations, options))) return;
  const ended = await Promise.all(creations.map(({ creation_id: id }) => showCreation(context, id)));
  if (options.json) printJson(ended.length === 1 ? ended[0] : ended);
  for (const creation of ended.filter(({ status }) => status === 'completed')) {
    if (options.quiet) print(creation.ami_id);
    else if (!options.json) for (const line of doneLines(creation)) print(line);
  }
  const problems = ended.flatMap(problemsOf);
  if (problems.length > 0) throw new CliError(problems.join('\n'));
}

export async function followCreation(context: Context, id: string, options: FollowOptions): Promise<void> {
  await followCreations(context, [await showCreation(context, id)], options);
}

/** False where Ctrl-C left them to themselves. */
async function watched(creations: readonly CreationBody[], options: FollowOptions): Promise<boolean> {
  const ids = creations.map(({ creation_id: id }) => id);
  const [first = '', second] = ids;
  if (second === undefined) return await watchInServer(first, options);
  const labels = creations.map(({ instance_name: machine }) => machine);
  return !(await followRuns(ids, labels, { quiet: options.quiet === true || options.json === true }));
}

function problemsOf(creation: CreationBody): readonly string[] {
  const { creation_id: id, status, error, left_over: leftOver, instance_name: machine } = creation;
  const still = leftOver.map(({ step, message }) => `\n  Left over: ${step}: ${message}`).join('');
  if (status === 'failed') {
    const why = error === null ? creation.message : `at '${error.step}': ${error.message}`;
    return [`The image of ${machine} failed ${why}${still}\n  The log: ingot ami log ${id}`];
  }
  const regions = failedRegions(creation);
  if (regions.length === 0) return leftOver.length === 0 ? [] : [`${id} is done, but${still}`];
  return [`No copy in ${regions.join(', ')}; once more: ingot ami retry ${id}`];
}
