import { Command, Option } from 'commander';
import type { Architecture } from '../../../platform/ids.ts';
import { apiClient, replied } from '../../api-client.ts';
import { type BuildBody, showBuild } from '../../builds/follow-build.ts';
import { followBuilds } from '../../builds/follow-builds.ts';
import { type Context, findContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { architectures, commaList } from '../../options.ts';
import { print, printJson, say } from '../../output.ts';

interface BuildAllOptions {
  readonly templates?: readonly string[];
  readonly regions?: readonly string[];
  readonly architecture?: Architecture;
  readonly target?: string;
  readonly version?: string;
  readonly cache?: boolean;
  readonly buildInEach?: true;
  readonly changedSince?: string;
  readonly matrix?: true;
  readonly onFailure: 'keep' | 'remove';
  readonly detach?: true;
  readonly json?: true;
}

export function amiBuildAllCommand(): Command {
  return new Command('build-all')
    .description('Build templates for all their architectures and regions, beside each other')
    .argument('[template]', 'one template; those of ./templates unless told')
    .option('--templates <list>', 'several templates, as in web,python', commaList)
    .option('--regions <list>', "the regions; the template's unless told", commaList)
    .addOption(new Option('-a, --architecture <architecture>', 'only this one').choices(architectures))
    .option('-t, --target <name>', 'where to build: ingot target list shows those that there are')
    .option('--version <version>', "the versions' name")
    .option('--no-cache', 'run every step')
    .option('--cache', 'keep and use cached steps, on AWS too')
    .option('--build-in-each', 'build in each region, in place of copying from the first')
    .option(
      '--changed-since <commit>',
      'only templates that differ from this commit, in themselves or what they read',
    )
    .option('--matrix', 'print the builds as a matrix for CI and start none')
    .addOption(
      new Option('--on-failure <what>', "what becomes of a failed build's machine")
        .choices(['keep', 'remove'])
        .default('remove'),
    )
    .option('--detach', "don't follow; print the builds' ids")
    .option('--json', 'print JSON for programs')
    .action(buildAll);
}

async function buildAll(template: string | undefined, options: BuildAllOptions): Promise<void> {
  const context = await findContext();
  const body = requestBody(template, options);
  const { batches } = apiClient(context);
  if (options.matrix || options.changedSince !== undefined) {
    const matrix = await replied(batches.matrix.$post({ json: body }), context.url);
    if (options.matrix) return print(JSON.stringify(matrix));
    if (matrix.include.length === 0) return print(`No template differs from ${options.changedSince}`);
  }
  const { builds } = await replied(batches.$post({ json: body }), context.url);
  if (options.detach) return options.json ? printJson(builds) : print(builds.join('\n'));
  const left = await followBuilds(context, builds, { quiet: options.json === true });
  if (left) return;
  await tellOutcome(context, builds, options);
}

function requestBody(template: string | undefined, options: BuildAllOptions) {
  const templates = [...(template === undefined ? [] : [template]), ...(options.templates ?? [])];
  return {
    from: process.cwd(),
    on_failure: options.onFailure,
    ...(templates.length === 0 ? {} : { templates }),
    ...(options.regions === undefined ? {} : { regions: [...options.regions] }),
    ...(options.architecture === undefined ? {} : { architectures: [options.architecture] }),
    ...(options.target === undefined ? {} : { target: options.target }),
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.cache === undefined ? {} : { cache: options.cache }),
    ...(options.buildInEach === undefined ? {} : { build_in_each: true }),
    ...(options.changedSince === undefined ? {} : { changed_since: options.changedSince }),
  };
}

async function tellOutcome(
  context: Context,
  ids: readonly string[],
  options: BuildAllOptions,
): Promise<void> {
  const builds = await Promise.all(ids.map((id) => showBuild(context, id)));
  if (options.json) printJson(builds);
  else for (const line of builds.flatMap(imagesOf)) print(line);
  const failed = builds.filter(({ status }) => status !== 'succeeded');
  if (failed.length === 0) return;
  for (const { build_id: id, error } of failed) say(`  ${id}: ${error?.step}: ${error?.message}`);
  throw new CliError(`${failed.length} of ${builds.length} builds did not succeed`);
}

/** As the registry names them: template.region.architecture = image. */
function imagesOf(build: BuildBody): readonly string[] {
  if (build.ami_id === null) return [];
  const places = [{ region: build.region, ami_id: build.ami_id }, ...build.copies];
  return places.map(({ region, ami_id: id }) => `${build.template}.${region}.${build.architecture} = ${id}`);
}
