/** What can be typed at each place of the command line, from what commander knows: the scripts are made from this. */
import type { Argument, Command, Option } from 'commander';
import { argumentValues, optionValues, type Values } from './values.ts';

/** A command, under each name that it has. */
export interface Place {
  /** `ami build`; empty for `ingot` itself. */
  readonly path: string;
  readonly commands: readonly Choice[];
  readonly options: readonly PlaceOption[];
  readonly positions: readonly Values[];
  /** What the last position takes goes on. */
  readonly variadic: boolean;
}

export interface Choice {
  readonly name: string;
  readonly description: string;
}

export interface PlaceOption {
  readonly short: string | undefined;
  readonly long: string;
  readonly description: string;
  /** Undefined where it takes none. */
  readonly values: Values | undefined;
}

export function placesOf(program: Command): readonly Place[] {
  return placesUnder(program, '');
}

function placesUnder(command: Command, path: string): readonly Place[] {
  const help = command.createHelp();
  // Without commander's own `help`.
  const shown = help.visibleCommands(command).filter((each) => command.commands.includes(each));
  const place: Place = {
    path,
    commands: shown.map((each) => ({ name: each.name(), description: each.description() })),
    options: help.visibleOptions(command).flatMap((option) => placeOption(option)),
    positions: command.registeredArguments.map((argument: Argument) => argumentValues(path, argument)),
    variadic: command.registeredArguments.at(-1)?.variadic ?? false,
  };
  const below = shown.flatMap((each) =>
    [each.name(), ...each.aliases()].flatMap((name) => placesUnder(each, `${path} ${name}`.trim())),
  );
  return [place, ...below];
}

function placeOption(option: Option): readonly PlaceOption[] {
  const { short, long, description } = option;
  if (!long) return [];
  const takesValue = option.required || option.optional;
  return [{ short, long, description, values: takesValue ? optionValues(option) : undefined }];
}
