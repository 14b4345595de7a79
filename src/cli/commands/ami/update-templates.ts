import { resolve } from 'node:path';
import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { dryRunOption } from '../../options.ts';
import { paint, print, printJson, say } from '../../output.ts';
import { type PlaceOptions, placesOf, withPlaces } from '../../registry/places.ts';

interface UpdateOptions extends PlaceOptions {
  readonly channel: string;
  readonly dryRun?: true;
  readonly json?: true;
}

export function amiUpdateTemplatesCommand(): Command {
  return withPlaces(new Command('update-templates'))
    .description("Write current image ids into templates' ami_config, where a launch finds them")
    .argument('[template...]', 'names, or paths of files; all of your templates unless told')
    .option('-c, --channel <channel>', 'the channel that says which version is current', 'latest')
    .option('--json', 'print JSON for programs')
    .addOption(dryRunOption())
    .action(run);
}

async function run(names: readonly string[], options: UpdateOptions): Promise<void> {
  const context = await findContext();
  const request = apiClient(context).registry['update-templates'].$post({
    json: {
      ...(names.length === 0 ? {} : { templates: names.map(absolute) }),
      from: process.cwd(),
      channel: options.channel,
      dry_run: options.dryRun ?? false,
      ...placesOf(options),
    },
  });
  const { templates } = await replied(request, context.url);
  if (options.json) return printJson(templates);
  if (templates.length === 0) {
    return say(`No template of yours has a version in ${options.channel} of the target ${options.target}`);
  }
  for (const { template, file, set, same } of templates) {
    const verb = options.dryRun ? 'would be updated' : 'updated';
    if (set.length === 0) say(`${file} is up to date (${same} set)`);
    else say(`Template ${verb}: ${paint('dim', file)}`);
    for (const { region, architecture, ami_id } of set) {
      print(`   ${template}.${region}.${architecture} ${ami_id === null ? 'taken out' : `= ${ami_id}`}`);
    }
  }
}

/** The server knows slugs; a path it must be told whole. */
function absolute(name: string): string {
  return name.includes('/') || /\.ya?ml$/.test(name) ? resolve(name) : name;
}
