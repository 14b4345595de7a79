/** `--param name=value`, as often as wanted. */
import { resolve } from 'node:path';
import { Option } from 'commander';
import { CliError, exitCodes } from './errors.ts';

export function parametersOption(): Option {
  return new Option('--param <name=value>', 'a value for a parameter; name=@FILE for a secret one')
    .argParser((text: string, before: readonly string[]) => [...before, text])
    .default([], 'none');
}

/** A secret's file is named absolutely, since whoever reads it stands elsewhere. */
export function parseParameters(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) {
        throw new CliError(`--param '${text}': write name=value`, { exitCode: exitCodes.usage });
      }
      const value = text.slice(at + 1);
      return [text.slice(0, at), value.startsWith('@') ? `@${resolve(value.slice(1))}` : value];
    }),
  );
}
