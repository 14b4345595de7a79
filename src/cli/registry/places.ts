/** What commands of the registry have in common: where they count, and who gives them. */
import { hostname, userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import type { Architecture } from '../../platform/ids.ts';
import { architectures } from '../options.ts';

export interface PlaceOptions {
  readonly target: string;
  readonly region?: string;
  readonly architecture?: Architecture;
}

/** Without region and architecture a command counts for all that there are. */
export function withPlaces(command: Command): Command {
  return command
    .option('-t, --target <target>', 'where the images are', 'local')
    .option('-r, --region <region>', 'in this region alone')
    .addOption(
      new Option('-a, --architecture <architecture>', 'for this architecture alone').choices(architectures),
    );
}

export function placesOf({ target, region, architecture }: PlaceOptions) {
  return {
    target,
    ...(region === undefined ? {} : { region }),
    ...(architecture === undefined ? {} : { architecture }),
  };
}

export interface WhyOptions {
  readonly why?: string;
}

export function withWhy(command: Command): Command {
  return command.option('-m, --why <text>', 'the reason, for the history');
}

/** For the history: who, on which machine, and why. */
export function actorOf({ why = '' }: WhyOptions) {
  return { by: `${userInfo().username}@${hostname()}`, why };
}

/** `us-east-1/x86_64` */
export function placeName(place: { readonly region: string; readonly architecture: string }): string {
  return `${place.region}/${place.architecture}`;
}

/** What is typed as `TEMPLATE VERSION` or as `TEMPLATE@VERSION`. */
export function referenceOf(template: string, version: string | undefined): string {
  return version === undefined ? template : `${template}@${version}`;
}
