/** `ingot image push` and `pull`: the same transfer with its ends changed over. */
import { Command, Option } from 'commander';
import { hostArchitecture } from '../bases.ts';
import { type Context, findContext } from '../context.ts';
import { findImage, unknownImage } from '../ec2/find-image.ts';
import { CliError, exitCodes } from '../errors.ts';
import { architectureOption, regionOption, wholeNumber } from '../options.ts';
import { print, say } from '../output.ts';
import { createStages } from '../stages.ts';
import { type CloudEnd, farEnd, nearEnd } from '../transfer/cloud-end.ts';
import { sendImage } from '../transfer/send-image.ts';
import { targetEnd } from '../transfer/target-end.ts';

interface TransferOptions {
  readonly target?: string;
  readonly endpoint?: string;
  readonly farRegion?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly arch?: 'x86_64' | 'arm64';
  readonly name?: string;
  readonly parallel: number;
}

const usualParallel = 16;

export function transferCommand(direction: 'push' | 'pull'): Command {
  const word = direction === 'push' ? 'to' : 'from';
  const there = (flags: string, text: string, attribute: string) =>
    named(new Option(`--${word}-${flags}`, text), attribute);
  return new Command(direction)
    .description(
      direction === 'push'
        ? 'Send an image to another Ingot or an AWS account, only what changed since the last one'
        : 'Fetch an image from another Ingot or an AWS account, only what changed since the last one',
    )
    .argument('<image>', 'its id or name')
    .addOption(
      named(
        new Option(
          `--${word} <target>`,
          'a target of `ingot target list`: its address, login and first region',
        ),
        'target',
      ).conflicts(['endpoint', 'profile']),
    )
    .addOption(there('endpoint <url>', 'the other Ingot; AWS itself unless given', 'endpoint'))
    .addOption(there('region <region>', 'the region there; needed without a target', 'farRegion'))
    .addOption(
      there(
        'profile <profile>',
        "whose keys: a profile of AWS's configuration; the environment's unless given",
        'profile',
      ),
    )
    .addOption(regionOption())
    .addOption(architectureOption())
    .option('-n, --name <name>', 'its name at its new place; the same unless given')
    .addOption(
      new Option('--parallel <blocks>', 'blocks on their way at once')
        .default(usualParallel)
        .argParser(wholeNumber(1, 64)),
    )
    .action((image: string, options: TransferOptions) => transfer(direction, image, options));
}

/** Both directions keep it under one name. */
function named(option: Option, attribute: string): Option {
  option.attributeName = () => attribute;
  return option;
}

async function transfer(direction: 'push' | 'pull', given: string, options: TransferOptions): Promise<void> {
  refuseNowhere(direction, options);
  const context = await findContext();
  const near = await nearEnd(context, options.region ?? context.region);
  const far = await farEndOf(context, options);
  const [from, to] = direction === 'push' ? [near, far] : [far, near];
  const image = await findImage(from.ec2, given, { architecture: options.arch ?? hostArchitecture() });
  if (image === undefined) throw unknownImage(given, from.title);
  const id = await sendImage({
    ...{ image, from, to },
    name: options.name,
    home: context.home,
    parallel: options.parallel,
    stages: createStages(),
    say,
  });
  print(id);
}

function refuseNowhere(direction: 'push' | 'pull', { target, farRegion }: TransferOptions): void {
  if (target !== undefined || farRegion !== undefined) return;
  const word = direction === 'push' ? 'to' : 'from';
  throw new CliError(
    `Where ${word}? Give --${word} TARGET (ingot target list shows them), or --${word}-region with --${word}-endpoint or --${word}-profile`,
    { exitCode: exitCodes.usage },
  );
}

async function farEndOf(
  context: Context,
  { target, endpoint, profile, farRegion }: TransferOptions,
): Promise<CloudEnd> {
  if (target !== undefined) return await targetEnd(context, target, farRegion);
  return await farEnd({ endpoint, profile, region: farRegion ?? context.region });
}
