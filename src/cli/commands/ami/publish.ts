import { resolve } from 'node:path';
import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { userOption } from '../../options.ts';
import { print, say } from '../../output.ts';
import { type PlaceOptions, placesOf, referenceOf, withPlaces } from '../../registry/places.ts';

interface PublishOptions extends PlaceOptions {
  readonly to: string;
  readonly name: string;
  readonly description: string;
  readonly user?: string;
}

export function amiPublishCommand(): Command {
  return withPlaces(new Command('publish'))
    .description('Put a proven version into a signed catalogue that others can add')
    .argument('<template>', 'a template, template@version, template@channel, or the id of an image')
    .argument('[version]', 'a version or a channel; the latest unless told')
    .requiredOption('--to <folder>', "the catalogue's folder; made where it isn't there")
    .option('--name <name>', 'of a catalogue that is made', 'images')
    .option('--description <text>', 'of a catalogue that is made', '')
    .addOption(userOption())
    .action(async (template: string, version: string | undefined, options: PublishOptions) => {
      const context = await findContext();
      const json = {
        reference: referenceOf(template, version),
        folder: resolve(options.to),
        name: options.name,
        description: options.description,
        ...(options.user === undefined ? {} : { ssh_user: options.user }),
        ...placesOf(options),
      };
      const published = await replied(apiClient(context).ami.publish.$post({ json }), context.url);
      for (const { template: slug, version: name, architecture, images } of published.entries) {
        print(`${slug} ${name} ${architecture}: ${images.map(({ ami_id }) => ami_id).join(', ')}`);
      }
      say(`Catalogue ${published.catalogue} in ${json.folder}, signed by ${published.fingerprint}`);
      if (published.closed.length > 0) {
        say(`Not public, so others see these and can't launch them: ${published.closed.join(', ')}`);
      }
    });
}
