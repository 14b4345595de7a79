import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { print, printJson } from '../../output.ts';
import { diffLines } from '../../registry/diff-lines.ts';
import { type PlaceOptions, placesOf, withPlaces } from '../../registry/places.ts';

interface DiffOptions extends PlaceOptions {
  readonly json?: true;
}

export function amiDiffCommand(): Command {
  return withPlaces(new Command('diff'))
    .description('Compare two versions: packages, size, boot time, steps, checks')
    .argument('<from>', 'template@version, template@channel, or the id of an image')
    .argument('<to>', 'the same, or @version, @channel of the same template')
    .option('--json', 'print JSON for programs')
    .addHelpText('after', '\nExample:\n  ingot ami diff r-research@stable @latest')
    .action(async (from: string, to: string, options: DiffOptions) => {
      const context = await findContext();
      const [template] = from.split('@');
      const query = { from, to: to.startsWith('@') ? `${template}${to}` : to, ...placesOf(options) };
      const diff = await replied(apiClient(context).registry.diff.$get({ query }), context.url);
      if (options.json) return printJson(diff);
      for (const line of diffLines(diff)) print(line);
    });
}
