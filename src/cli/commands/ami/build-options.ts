/** What `build` and `plan` both take. */
import { type Command, Option } from 'commander';
import type { Architecture } from '../../../platform/ids.ts';
import { architectures, commaList, regionOption } from '../../options.ts';
import { parseParameters } from '../../parameters.ts';

export interface BuildOptions {
  readonly region?: string;
  readonly architecture?: Architecture;
  readonly target?: string;
  readonly version?: string;
  readonly param?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly onFailure?: 'keep' | 'remove';
  readonly cache?: boolean;
  readonly fromStep?: string;
  readonly copyToRegions?: readonly string[];
  readonly shareWith?: readonly string[];
  readonly public?: true;
  readonly dryRun?: true;
  readonly detach?: true;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

export function withBuildOptions(command: Command): Command {
  return command
    .addOption(regionOption())
    .addOption(
      new Option('-a, --architecture <architecture>', 'the processor architecture').choices(architectures),
    )
    .option('-t, --target <name>', 'where to build: ingot target list shows those that there are')
    .option('-p, --param <name=value>', 'a parameter of the template; may be repeated', collectPairs)
    .option('--no-cache', 'run every step')
    .option('--cache', 'keep and use cached steps, on AWS too')
    .option('--from-step <name>', 'run this step and those after it, cached or not')
    .option(
      '--copy-to-regions <list>',
      'other regions that get the image, as in eu-west-1,us-west-2',
      commaList,
    )
    .option('--share-with <list>', 'accounts that may launch it, 12 digits each', commaList)
    .option('--public', 'let everybody launch it')
    .addOption(
      new Option(
        '--on-failure <what>',
        'what becomes of the machine of a build that fails; kept when run at a terminal',
      ).choices(['keep', 'remove']),
    )
    .option('--json', 'print JSON for programs')
    .option('-q, --quiet', "print the image's id alone")
    .option('-v, --verbose', "print all of the steps' output");
}

export function requestBody(template: string, options: BuildOptions) {
  return {
    template,
    from: process.cwd(),
    ...(options.param === undefined ? {} : { parameters: options.param }),
    ...(options.target === undefined ? {} : { target: options.target }),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.architecture === undefined ? {} : { architecture: options.architecture }),
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.name === undefined ? {} : { ami_name: options.name }),
    on_failure: options.onFailure ?? (process.stdin.isTTY && process.stderr.isTTY ? 'keep' : 'remove'),
    ...(options.cache === undefined ? {} : { cache: options.cache }),
    ...(options.fromStep === undefined ? {} : { from_step: options.fromStep }),
    ...(options.copyToRegions === undefined ? {} : { copy_to_regions: [...options.copyToRegions] }),
    ...(options.shareWith === undefined ? {} : { share_with: [...options.shareWith] }),
    ...(options.public === undefined ? {} : { public: options.public }),
  } as const;
}

function collectPairs(text: string, before: Readonly<Record<string, string>> = {}) {
  return { ...before, ...parseParameters([text]) };
}
