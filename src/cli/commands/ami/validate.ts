import { Command, Option } from 'commander';
import type { Architecture } from '../../../platform/ids.ts';
import { apiClient, replied } from '../../api-client.ts';
import { watchBuild } from '../../builds/follow-build.ts';
import { findContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { architectures, regionOption } from '../../options.ts';
import { print, printJson, say } from '../../output.ts';

interface ValidateOptions {
  readonly region?: string;
  readonly architecture?: Architecture;
  readonly target?: string;
  readonly image?: string;
  readonly json?: true;
}

export function amiValidateCommand(): Command {
  return new Command('validate')
    .description("Run a template's validations on a machine launched from its existing image")
    .argument('<template>', 'the name of a template, or the path of its file')
    .addOption(regionOption())
    .addOption(
      new Option('-a, --architecture <architecture>', 'the processor architecture').choices(architectures),
    )
    .option('-t, --target <name>', 'where; local unless told')
    .option('--image <id>', 'this image, in place of the latest')
    .option('--json', 'print JSON for programs')
    .action(validate);
}

async function validate(template: string, options: ValidateOptions): Promise<void> {
  const context = await findContext();
  const { region, architecture, target, image } = options;
  const body = {
    template,
    from: process.cwd(),
    ...(region === undefined ? {} : { region }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(target === undefined ? {} : { target }),
    ...(image === undefined ? {} : { ami_id: image }),
  };
  const begun = await replied(apiClient(context).validations.$post({ json: body }), context.url);
  if (!options.json)
    say(`Validating ${begun.template} ${begun.version} in ${begun.region} (${begun.build_id})\n`);
  const done = await watchBuild(context, begun.build_id, options);
  if (done === undefined) return;
  if (options.json)
    printJson({ ami_id: begun.ami_name, status: done.status, results: done.validation_results });
  const failed = done.validation_results.filter(({ status }) => status === 'failed');
  if (done.status === 'succeeded') {
    if (!options.json) print(`All ${done.validation_results.length} validations passed on ${begun.ami_name}`);
    return;
  }
  const what =
    failed.length > 0
      ? `${failed.length} of ${done.validation_results.length} validations fail`
      : done.error?.message;
  throw new CliError(`${begun.ami_name} is not valid: ${what}`);
}
