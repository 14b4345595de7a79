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
    .description('Say which image a launch of a name takes, and why')
    .argument('<name>', 'a template, template@version, template@channel, or what else ingot launch takes')
    .option('--json', 'print JSON for programs')
    .action(run);
}

async function run(name: string, options: ResolveOptions): Promise<void> {
  const context = await findContext();
  const { target, region, architecture } = options;
  const query = {
    ...{ name, target, from: process.cwd() },
    ...(region !== undefined || target === 'local' ? { region: region ?? context.region } : {}),
    ...(architecture === undefined ? {} : { architecture }),
  };
  const resolution = await replied(apiClient(context).ami.resolve.$get({ query }), context.url);
  if (options.json) return printJson(resolution);
  for (const { found, detail } of resolution.steps) say(`${found ? paint('green', '✓') : '·'} ${detail}`);
  for (const warning of resolution.warnings) say(`${paint('yellow', '!')} ${warning}`);
  const { outcome, ami_id: imageId, reason, replacement } = resolution;
  if (outcome === 'image') return print(imageId ?? '');
  if (outcome === 'revoked') {
    const way = replacement === null ? '' : `. Take ${replacement}`;
    throw new CliError(`${imageId} is revoked: ${reason}${way}`);
  }
  const ways = {
    build: `ingot ami build ${resolution.template} makes one`,
    fetch: `ingot launch ${name} fetches it first`,
    none: 'ingot image list and ingot template list show what there is',
  };
  throw new CliError(`${name} has no image in ${query.region ?? target}: ${ways[outcome]}`, {
    exitCode: exitCodes.notFound,
  });
}
