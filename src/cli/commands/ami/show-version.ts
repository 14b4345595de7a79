import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { print, printJson } from '../../output.ts';
import { type PlaceOptions, placesOf, referenceOf, withPlaces } from '../../registry/places.ts';
import { versionLines } from '../../registry/version-lines.ts';

interface ShowOptions extends PlaceOptions {
  readonly template?: true;
  readonly console?: true;
  readonly json?: true;
}

export function amiShowVersionCommand(): Command {
  return withPlaces(new Command('show-version'))
    .description('Show a version: where it comes from, its proof, its channels, its ancestors')
    .argument('<template>', 'a template, template@version, template@channel, or the id of an image')
    .argument('[version]', 'a version or a channel; the latest unless told')
    .option('--template', 'print the template as it was built')
    .option('--console', "print the end of the proof's console")
    .option('--json', 'print JSON for programs')
    .action(run);
}

async function run(template: string, name: string | undefined, options: ShowOptions): Promise<void> {
  const context = await findContext();
  const query = { reference: referenceOf(template, name), ...placesOf(options) };
  const version = await replied(apiClient(context).registry.version.$get({ query }), context.url);
  if (options.json) return printJson(version);
  if (options.template) return print(version.provenance?.template_source.trimEnd() ?? '');
  if (options.console) return print(version.proof?.console_tail.trimEnd() ?? '');
  for (const line of versionLines(version)) print(line);
}
