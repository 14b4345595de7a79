import { Command } from 'commander';
import { findContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { awaitCopy } from '../../launch/await-copy.ts';
import { duration, paint, print, printJson } from '../../output.ts';
import { type PlaceOptions, withPlaces } from '../../registry/places.ts';
import { createStages } from '../../stages.ts';

interface CopyOptions extends PlaceOptions {
  readonly json?: true;
}

export function amiCopyCommand(): Command {
  return withPlaces(new Command('copy'))
    .description('Copy an image to other regions; asked again, only what failed is tried again')
    .argument('<image>', 'an image id or name, a template, template@version')
    .argument('<regions>', 'where it goes, with commas between')
    .option('--json', 'print JSON for programs')
    .addHelpText(
      'after',
      '\n--region is that of the image. A copy of a version is that version in its region.',
    )
    .action(run);
}

async function run(name: string, regions: string, options: CopyOptions): Promise<void> {
  const context = await findContext();
  const { target, region = context.region, architecture } = options;
  const question = {
    ...{ name, target, region, from: process.cwd() },
    regions: regions.split(',').map((each) => each.trim()),
    ...(architecture === undefined ? {} : { architecture }),
  };
  const copy = await awaitCopy(context, question, createStages({ quiet: options.json === true }));
  const results = Object.values(copy.region_results);
  if (options.json) printJson(copy);
  for (const { region: at, status, ami_id: id, error, copy_time: seconds } of options.json ? [] : results) {
    const time = seconds === null ? '' : `  ${duration(seconds * 1000)}`;
    const mark = status === 'failed' ? paint('red', '✗') : paint('green', '✓');
    print(`${mark} ${at.padEnd(14)} ${error ?? `${id}${status === 'present' ? '  was there' : time}`}`);
  }
  const failed = results.filter(({ status }) => status === 'failed').map((each) => each.region);
  if (failed.length === 0) return;
  throw new CliError(
    `${failed.join(', ')} failed; the others are good. The same command again tries ${failed.length === 1 ? 'it' : 'them'} again`,
  );
}
