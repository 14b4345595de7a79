import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { type PlaceOptions, placesOf, referenceOf, withPlaces } from '../../registry/places.ts';

export function amiSbomCommand(): Command {
  return withPlaces(new Command('sbom'))
    .description("Print a version's bill of materials: its packages, as CycloneDX JSON")
    .argument('<template>', 'a template, template@version, template@channel, or the id of an image')
    .argument('[version]', 'a version or a channel; the latest unless told')
    .action(async (template: string, version: string | undefined, options: PlaceOptions) => {
      const context = await findContext();
      const query = { reference: referenceOf(template, version), ...placesOf(options) };
      printJson(await replied(apiClient(context).registry.sbom.$get({ query }), context.url));
    });
}
