/** Follows a build to its rest. Ctrl-C leaves it to itself: it runs in the server. */

import { apiClient, replied } from '../api-client.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { duration, paint, print, printJson } from '../output.ts';
import { watchRun } from './watch-run.ts';

export interface FollowOptions {
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

export type BuildBody = Awaited<ReturnType<typeof showBuild>>;

export async function showBuild(context: Context, id: string) {
  const request = apiClient(context).builds[':build_id'].$get({ param: { build_id: id } });
  return await replied(request, context.url);
}

/** Prints the outcome. Throws where the build did not succeed. */
export async function followBuild(context: Context, id: string, options: FollowOptions): Promise<void> {
  const build = await watchBuild(context, id, options);
  if (build !== undefined) tellOutcome(build, options);
}

/** Answers how it rests; undefined where Ctrl-C left it to itself. */
export async function watchBuild(
  context: Context,
  id: string,
  options: FollowOptions,
): Promise<BuildBody | undefined> {
  return (await watchInServer(id, options)) ? await showBuild(context, id) : undefined;
}

/** What `ingot ami attach` and `cancel` take: builds and creations. False where Ctrl-C left it to itself. */
export async function watchInServer(id: string, options: FollowOptions): Promise<boolean> {
  return await watchRun(id, {
    quiet: options.quiet === true || options.json === true,
    verbose: options.verbose === true,
    rejoin: `ingot ami attach ${id}`,
    end: `ingot ami cancel ${id}`,
  });
}

function tellOutcome(build: BuildBody, options: FollowOptions): void {
  if (options.json) printJson(build);
  const total = duration(build.build_time_seconds * 1000);
  if (build.status !== 'succeeded') throw new CliError(failure(build, total));
  if (options.quiet) print(build.ami_id ?? '');
  else if (!options.json) tellImage(build, total);
}

function tellImage(build: BuildBody, total: string): void {
  print(`\n${paint('bold', 'Build complete')}`);
  print(`   AMI ID: ${build.ami_id} (${build.region})`);
  for (const { region, ami_id: copy } of build.copies) print(`           ${copy} (${region})`);
  print(`   Version: ${build.version}`);
  print(`   Total time: ${total}`);
}

function failure(build: BuildBody, total: string): string {
  const { build_id: id, error } = build;
  const leftOver = build.left_over.map(({ step, message }) => `\n  Left over: ${step}: ${message}`).join('');
  const log = `\n  The log: ingot ami log ${id}`;
  switch (build.status) {
    case 'held':
      return (
        `The build ${id} failed at '${error?.step}' after ${total}, and is kept as it is:\n` +
        `  look at it: ingot ami debug ${id}\n  mend the template and go on: ingot ami resume ${id}\n` +
        `  give it up: ingot ami cancel ${id}${log}`
      );
    case 'cancelled':
      return `The build ${id} was cancelled after ${total}; all that it made is removed${leftOver}`;
    default:
      return `The build ${id} failed at '${error?.step}' after ${total}: ${error?.message}${leftOver}${log}`;
  }
}
