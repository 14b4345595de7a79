import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { type ConsentOptions, consents } from '../../ask.ts';
import { findContext } from '../../context.ts';
import { CliError, exitCodes } from '../../errors.ts';
import { yesOption } from '../../options.ts';
import { paint, print, printJson, say } from '../../output.ts';
import { type PlaceOptions, placesOf, withPlaces } from '../../registry/places.ts';

interface ShareOptions extends PlaceOptions, ConsentOptions {
  readonly account?: readonly string[];
  readonly public?: true;
  readonly remove?: true;
  readonly json?: true;
}

export function amiShareCommand(): Command {
  return withPlaces(new Command('share'))
    .description('Let accounts or everybody launch an image; without options, say who may')
    .argument(
      '<image>',
      'an image id or name, a template, template@version, template@channel: in every region',
    )
    .option('--account <ids>', 'accounts, with commas between', (text) => text.split(','))
    .option('--public', 'everybody')
    .option('--remove', 'no longer let them; machines that were launched run on')
    .addOption(yesOption())
    .option('--json', 'print JSON for programs')
    .action(run);
}

async function run(image: string, options: ShareOptions): Promise<void> {
  const { account: accounts = [], public: everybody = false } = options;
  if (options.remove && accounts.length === 0 && !everybody) {
    throw new CliError('--remove: say whom, with --account or --public', { exitCode: exitCodes.usage });
  }
  const context = await findContext();
  if (everybody && !options.remove) {
    say('Whoever launches an image reads all that is on its disks: keys, histories and data too.');
    if (!(await consents(`Let everybody launch ${image}?`, options))) return;
  }
  const whom = { accounts: [...accounts], public: everybody };
  const json = {
    reference: image,
    ...placesOf(options),
    ...(options.remove ? { remove: whom } : { add: whom }),
  };
  const { images } = await replied(apiClient(context).ami.share.$post({ json }), context.url);
  if (options.json) printJson(images);
  for (const { region, ami_id: id, accounts: now, public: all, error } of options.json ? [] : images) {
    const who = all ? 'everybody' : now.join(', ') || 'nobody but its owner';
    print(`${error === null ? paint('green', '✓') : paint('red', '✗')} ${region.padEnd(14)} ${id}  ${who}`);
    if (error !== null) say(`  ${error}`);
  }
  const refused = images.filter(({ error }) => error !== null).length;
  if (refused > 0) throw new CliError(`${refused} of ${images.length} images are not as was asked`);
}
