import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { CliError, exitCodes } from '../../errors.ts';
import { paint, print, printJson, say } from '../../output.ts';
import { type PlaceOptions, withPlaces } from '../../registry/places.ts';

interface ResolveOptions extends PlaceOptions {
  readonly json?: true;
}

export function amiResolveCommand(): Command {
  return withPlaces(new Command('resolve'))
    .description('Say which image a launch of a template takes, and why')
    .argument('<template>', 'a template, template@version or template@channel')
    .option('--json', 'print JSON for programs')
    .action(run);
}

async function run(reference: string, options: ResolveOptions): Promise<void> {
  const context = await findContext();
  const [template = reference, name] = reference.split('@');
  const { target, region = context.region, architecture } = options;
  const query = {
    template,
    target,
    region,
    from: process.cwd(),
    ...(name === undefined ? {} : { name }),
    ...(architecture === undefined ? {} : { architecture }),
  };
  const resolution = await replied(apiClient(context).registry.resolve.$get({ query }), context.url);
  if (options.json) return printJson(resolution);
  for (const { found, detail } of resolution.steps) say(`${found ? paint('green', '✓') : '·'} ${detail}`);
  if (resolution.outcome === 'image' || resolution.outcome === 'elsewhere') {
    return print(resolution.ami_id ?? '');
  }
  if (resolution.outcome === 'none') {
    throw new CliError(`${template} has no image in ${region}: ingot ami build ${template} makes one`, {
      exitCode: exitCodes.notFound,
    });
  }
  const way = resolution.replacement === null ? '' : `. Take ${template}@${resolution.replacement}`;
  throw new CliError(`${resolution.ami_id} is revoked: ${resolution.reason}${way}`);
}
