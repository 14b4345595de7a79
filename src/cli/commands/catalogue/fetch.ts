import { Command } from 'commander';
import { hostArchitecture } from '../../bases.ts';
import { findContext } from '../../context.ts';
import { awaitFetch } from '../../launch/await-fetch.ts';
import { print, printJson } from '../../output.ts';
import { type PlaceOptions, withPlaces } from '../../registry/places.ts';
import { createStages } from '../../stages.ts';

interface FetchOptions extends PlaceOptions {
  readonly json?: true;
}

export function fetchCommand(): Command {
  return withPlaces(new Command('fetch'))
    .description(
      'Make an image of the disks that a catalogue brings, each byte verified; a launch does it by itself',
    )
    .argument('<entry>', 'CATALOGUE/TEMPLATE or CATALOGUE/TEMPLATE@VERSION')
    .option('--json', 'print JSON for programs')
    .action(async (name: string, options: FetchOptions) => {
      const context = await findContext();
      const { target, region = context.region, architecture = hostArchitecture() } = options;
      const stages = createStages({ quiet: options.json === true });
      const { entry, imageId } = await awaitFetch(context, { name, target, region, architecture }, stages);
      if (options.json) printJson({ entry, ami_id: imageId, region });
      else print(`${entry} is ${imageId} in ${region}.  ingot launch ${entry} NAME`);
    });
}
