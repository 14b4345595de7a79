import { mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { readIfPresent, writeDurably } from '../../../platform/files.ts';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { print, say } from '../../output.ts';
import { type PlaceOptions, placesOf, withPlaces } from '../../registry/places.ts';

interface UpdateOptions extends PlaceOptions {
  readonly channel: string;
  readonly output: string;
}

export function amiUpdateRegistryCommand(): Command {
  return withPlaces(new Command('update-registry'))
    .description('Bring a registry file up to date, for others to read; what they wrote into it stays')
    .argument('[template]', 'this template alone')
    .option('-c, --channel <channel>', 'the channel whose images stand under "amis"', 'latest')
    .option(
      '-o, --output <file>',
      'the file, or a directory for a registry.json; - prints it',
      'registry.json',
    )
    .action(run);
}

async function run(template: string | undefined, options: UpdateOptions): Promise<void> {
  const context = await findContext();
  const file = options.output === '-' ? undefined : await fileOf(options.output);
  const present = file === undefined ? undefined : await readIfPresent(file);
  const request = apiClient(context).registry.merge.$post({
    json: {
      ...(present === undefined ? {} : { document: present }),
      ...(template === undefined ? {} : { template }),
      channel: options.channel,
      ...placesOf(options),
    },
  });
  const { document } = await replied(request, context.url);
  if (file === undefined) return print(document.trimEnd());
  if (document === present) return say(`${file} is up to date`);
  await mkdir(dirname(file), { recursive: true });
  await writeDurably(file, document);
  print(file);
}

async function fileOf(output: string): Promise<string> {
  const path = resolve(output);
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() || output.endsWith('/') ? join(path, 'registry.json') : path;
}
