import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { followBuild } from '../../builds/follow-build.ts';
import { findContext } from '../../context.ts';
import { dryRunOption } from '../../options.ts';
import { print, printJson, say } from '../../output.ts';
import { type BuildOptions, requestBody, withBuildOptions } from './build-options.ts';
import { showPlan } from './plan.ts';

export function amiBuildCommand(): Command {
  return withBuildOptions(
    new Command('build').description('Build an image from a template, prove it, register it'),
  )
    .argument('<template>', 'the name of a template, or the path of its file')
    .option('--version <version>', "the version's name; the git description or the time unless told")
    .option('--name <name>', "the image's name in EC2")
    .addOption(dryRunOption())
    .option('--detach', "don't follow; print the build's id")
    .action(build);
}

async function build(template: string, options: BuildOptions): Promise<void> {
  if (options.dryRun) return await showPlan(template, options);
  const context = await findContext();
  const request = apiClient(context).builds.$post({ json: requestBody(template, options) });
  const started = await replied(request, context.url);
  if (options.detach) return options.json ? printJson(started) : print(started.build_id);
  if (!options.quiet && !options.json) {
    say(`Building ${started.template} ${started.version}  (${started.build_id})`);
    say(`   Architecture: ${started.architecture}   Region: ${started.region}   Target: ${started.target}\n`);
  }
  await followBuild(context, started.build_id, options);
}
