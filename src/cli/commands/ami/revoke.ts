import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { type ConsentOptions, consents } from '../../ask.ts';
import { findContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { dryRunOption, yesOption } from '../../options.ts';
import { paint, print, printJson, say } from '../../output.ts';
import { printImpact, printOutcomes } from '../../registry/impact.ts';
import { printMoves } from '../../registry/moves.ts';
import {
  actorOf,
  type PlaceOptions,
  placesOf,
  referenceOf,
  type WhyOptions,
  withPlaces,
  withWhy,
} from '../../registry/places.ts';

interface RevokeOptions extends PlaceOptions, WhyOptions, ConsentOptions {
  readonly descendants?: true;
  readonly json?: true;
}

export function amiRevokeCommand(): Command {
  return withWhy(withPlaces(new Command('revoke')))
    .description('Let nobody launch a version any more: mark it, move channels off it, disable its images')
    .argument('<template>', 'a template, template@version, template@channel, or the id of an image')
    .argument('[version]', 'a version or a channel; the latest unless told')
    .option('--descendants', 'also what was made from it, and from that')
    .option('--json', 'print JSON for programs')
    .addOption(dryRunOption())
    .addOption(yesOption())
    .addHelpText('after', '\nMachines that run on it run on. `ingot ami unrevoke` takes it back.')
    .action(run);
}

async function run(template: string, version: string | undefined, options: RevokeOptions): Promise<void> {
  const context = await findContext();
  const ask = (dry_run: boolean) =>
    replied(
      apiClient(context).registry.revoke.$post({
        json: {
          reference: referenceOf(template, version),
          descendants: options.descendants ?? false,
          dry_run,
          ...placesOf(options),
          ...actorOf(options),
        },
      }),
      context.url,
    );
  const plan = await ask(true);
  if (options.json && options.dryRun) return printJson(plan.impact);
  if (!options.json) printImpact(plan.impact);
  const count = plan.impact.versions.length;
  const question = `Revoke ${count === 1 ? 'this image' : `these ${count} images`}?`;
  if (!(await consents(question, options))) return;
  const revoked = await ask(false);
  if (options.json) printJson(revoked);
  else {
    print(paint('bold', 'Revoked'));
    printMoves(revoked.moves);
    printOutcomes(revoked.images);
  }
  if (revoked.images.some(({ outcome }) => outcome === 'failed')) {
    say('The registry marks them revoked; the images above can still be launched through EC2.');
    throw new CliError('Not every image could be disabled: give the command again when the target answers');
  }
}
