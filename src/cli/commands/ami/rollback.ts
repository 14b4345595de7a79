import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { printJson, say } from '../../output.ts';
import { printMoves } from '../../registry/moves.ts';
import {
  actorOf,
  type PlaceOptions,
  placesOf,
  type WhyOptions,
  withPlaces,
  withWhy,
} from '../../registry/places.ts';

interface RollbackOptions extends PlaceOptions, WhyOptions {
  readonly channel: string;
  readonly to?: string;
  readonly json?: true;
}

export function amiRollbackCommand(): Command {
  return withWhy(withPlaces(new Command('rollback')))
    .description('Point a channel to the version that it pointed to before')
    .argument('<template>', 'the template')
    .option('-c, --channel <channel>', 'which channel', 'stable')
    .option('--to <version>', 'a version that it pointed to once; the one before unless told')
    .option('--json', 'print JSON for programs')
    .action(run);
}

async function run(template: string, options: RollbackOptions): Promise<void> {
  const context = await findContext();
  const { channel, to } = options;
  const request = apiClient(context).registry.rollback.$post({
    json: {
      template,
      channel,
      ...(to === undefined ? {} : { to }),
      ...placesOf(options),
      ...actorOf(options),
    },
  });
  const { moves } = await replied(request, context.url);
  if (options.json) return printJson({ moves });
  if (moves.length === 0) return say(`${channel} of ${template} points to ${to} already`);
  printMoves(moves);
}
