/** Options that several commands take, read and checked in one way. */
import { InvalidArgumentError, Option } from 'commander';
import type { Architecture } from '../platform/ids.ts';

export function portOption(): Option {
  return new Option('-p, --port <port>', 'where to listen: 0 takes a free port').argParser(
    wholeNumber(0, 65_535),
  );
}

export function regionOption(): Option {
  return new Option('-r, --region <region>', 'the region to act in');
}

export function userOption(): Option {
  return new Option('-u, --user <user>', "the user to log in as; the image's own unless told");
}

export function architectureOption(): Option {
  return new Option('-a, --arch <architecture>', 'the processor architecture').choices(architectures);
}

export const architectures: readonly Architecture[] = ['x86_64', 'arm64'];

export function yesOption(): Option {
  return new Option('-y, --yes', "don't ask");
}

export function dryRunOption(): Option {
  return new Option('--dry-run', 'only show what would be done');
}

export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`Give a whole number from ${from} to ${to}.`);
  };
}

/** For `argParser`: `a,b`. */
export function commaList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
