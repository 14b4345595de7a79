import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { print, printJson, say } from '../../output.ts';
import { printOutcomes } from '../../registry/impact.ts';
import {
  actorOf,
  type PlaceOptions,
  placeName,
  placesOf,
  referenceOf,
  type WhyOptions,
  withPlaces,
  withWhy,
} from '../../registry/places.ts';

interface UnrevokeOptions extends PlaceOptions, WhyOptions {
  readonly json?: true;
}

export function amiUnrevokeCommand(): Command {
  return withWhy(withPlaces(new Command('unrevoke')))
    .description('Take a revocation back')
    .argument('<template>', 'template@version, or the id of an image')
    .argument('[version]', 'the version')
    .option('--json', 'print JSON for programs')
    .action(run);
}

async function run(template: string, version: string | undefined, options: UnrevokeOptions): Promise<void> {
  const context = await findContext();
  const request = apiClient(context).registry.unrevoke.$post({
    json: { reference: referenceOf(template, version), ...placesOf(options), ...actorOf(options) },
  });
  const answer = await replied(request, context.url);
  if (options.json) return printJson(answer);
  for (const each of answer.versions) {
    print(`${each.template}@${each.version} in ${placeName(each)} counts again: ${each.ami_id}`);
  }
  printOutcomes(answer.images);
  say('Channels stay where they went, and images are private: promote and share again what should be.');
}
