import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { printJson, say } from '../../output.ts';
import { printMoves } from '../../registry/moves.ts';
import {
  actorOf,
  type PlaceOptions,
  placesOf,
  referenceOf,
  type WhyOptions,
  withPlaces,
  withWhy,
} from '../../registry/places.ts';

interface PromoteOptions extends PlaceOptions, WhyOptions {
  readonly channel: string;
  readonly force?: true;
  readonly json?: true;
}

export function amiPromoteCommand(): Command {
  return withWhy(withPlaces(new Command('promote')))
    .description('Point a channel to a proven version, in every region and architecture that has it')
    .argument('<template>', 'a template, template@version, template@channel, or the id of an image')
    .argument('[version]', 'a version or a channel; the latest unless told')
    .option('-c, --channel <channel>', 'stable, or one of your own', 'stable')
    .option('--force', 'take a version without proof too; the history says so')
    .option('--json', 'print JSON for programs')
    .action(run);
}

async function run(template: string, version: string | undefined, options: PromoteOptions): Promise<void> {
  const context = await findContext();
  const request = apiClient(context).registry.promote.$post({
    json: {
      reference: referenceOf(template, version),
      channel: options.channel,
      force: options.force ?? false,
      ...placesOf(options),
      ...actorOf(options),
    },
  });
  const promoted = await replied(request, context.url);
  if (options.json) return printJson(promoted);
  const [first] = promoted.versions;
  if (promoted.moves.length === 0) {
    return say(`${options.channel} of ${first?.template} points to ${first?.version} already`);
  }
  printMoves(promoted.moves);
}
