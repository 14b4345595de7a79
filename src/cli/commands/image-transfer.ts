/** `ingot image push` and `pull`: the same transfer with its ends changed over. */
import { Command, Option } from 'commander';
import { hostArchitecture } from '../bases.ts';
import { findContext } from '../context.ts';
import { findImage, unknownImage } from '../ec2/find-image.ts';
import { architectureOption, regionOption, wholeNumber } from '../options.ts';
import { print, say } from '../output.ts';
import { createStages } from '../stages.ts';
import { farEnd, nearEnd } from '../transfer/cloud-end.ts';
import { sendImage } from '../transfer/send-image.ts';

interface TransferOptions {
  readonly endpoint?: string;
  readonly farRegion: string;
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
    .addOption(there('endpoint <url>', 'the other Ingot; AWS itself unless given', 'endpoint'))
    .addOption(there('region <region>', 'the region there', 'farRegion').makeOptionMandatory())
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
  const context = await findContext();
  const near = await nearEnd(context, options.region ?? context.region);
  const { endpoint, profile, farRegion } = options;
  const far = await farEnd({ endpoint, profile, region: farRegion });
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
