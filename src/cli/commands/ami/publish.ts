import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { userOption } from '../../options.ts';
import { print, printJson, say } from '../../output.ts';
import { type PlaceOptions, placesOf, referenceOf, withPlaces } from '../../registry/places.ts';
import { createStages } from '../../stages.ts';

interface PublishOptions extends PlaceOptions {
  readonly to: string;
  readonly as?: string;
  readonly disks?: true;
  readonly unproven?: true;
  readonly name: string;
  readonly description: string;
  readonly user?: string;
  readonly json?: true;
}

const lookEveryMs = 300;

export function amiPublishCommand(): Command {
  return withPlaces(new Command('publish'))
    .description('Put a version, or any own image, into a signed catalogue that others can add')
    .argument('<image>', 'a template, template@version, template@channel, or the id or name of an image')
    .argument('[version]', 'a version or a channel; the latest unless told')
    .requiredOption('--to <folder>', "the catalogue's folder; made where it isn't there")
    .option('--as <template@version>', 'what an image that is no version is called in the catalogue')
    .option('--disks', 'with its disks, so that clouds that have none of its images can launch it')
    .option('--unproven', 'also what nobody launched and checked; the entry says so')
    .option('--name <name>', 'of a catalogue that is made', 'images')
    .option('--description <text>', 'of a catalogue that is made', '')
    .addOption(userOption())
    .option('--json', 'print JSON for programs')
    .action(run);
}

async function run(image: string, version: string | undefined, options: PublishOptions): Promise<void> {
  const context = await findContext();
  const { as, disks = false, unproven = false, name, description, user } = options;
  const json = {
    ...{ reference: referenceOf(image, version), folder: resolve(options.to) },
    ...{ disks, unproven, name, description },
    ...(as === undefined ? {} : { as }),
    ...(user === undefined ? {} : { ssh_user: user }),
    ...placesOf(options),
  };
  const { ami } = apiClient(context);
  const stages = createStages({ quiet: options.json === true });
  const published = await stages.run(`Publishing ${json.reference}`, async () => {
    let now = await replied(ami.publish.$post({ json }), context.url);
    const param = { publication_id: now.publication_id };
    while (now.status === 'in_progress') {
      await delay(lookEveryMs);
      now = await replied(ami.publish[':publication_id'].$get({ param }), context.url);
    }
    if (now.status === 'completed') return now;
    throw new CliError(`${json.reference} could not be published: ${now.error}`);
  });
  if (options.json) return printJson(published);
  for (const entry of published.entries) {
    const what = [...entry.images.map(({ ami_id: id }) => id), ...(entry.disks ? ['its disks'] : [])];
    print(`${entry.template} ${entry.version} ${entry.architecture}: ${what.join(', ')}`);
  }
  say(`Catalogue ${published.catalogue} in ${json.folder}, signed by ${published.fingerprint}`);
  if (published.closed.length === 0) return;
  const way = disks ? 'others take its disks' : 'ingot ami share, or publishing with --disks, lets them';
  say(`Not public, so others see these and can't launch them: ${published.closed.join(', ')}; ${way}`);
}
