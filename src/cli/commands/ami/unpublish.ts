import { resolve } from 'node:path';
import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { CliError, exitCodes } from '../../errors.ts';
import { print } from '../../output.ts';
import { referenceOf } from '../../registry/places.ts';

export function amiUnpublishCommand(): Command {
  return new Command('unpublish')
    .description('Take a version out of a catalogue; what others fetched of it stays theirs')
    .argument('<template>', 'a template of the catalogue, or template@version')
    .argument('[version]', 'its version there')
    .requiredOption('--from <folder>', "the catalogue's folder")
    .action(async (given: string, said: string | undefined, { from }: { readonly from: string }) => {
      const [template = '', version] = referenceOf(given, said).split('@');
      if (version === undefined) {
        throw new CliError(`'${given}': say which version, as in ${given}@v1`, { exitCode: exitCodes.usage });
      }
      const context = await findContext();
      const json = { folder: resolve(from), template, version };
      const { entries } = await replied(apiClient(context).ami.unpublish.$post({ json }), context.url);
      for (const each of entries)
        print(`${each.template} ${each.version} ${each.architecture} is listed no more`);
    });
}
