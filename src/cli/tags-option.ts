import { InvalidArgumentError, Option } from 'commander';

export type TagPairs = Readonly<Record<string, string>>;

export function tagsOption(description: string): Option {
  return new Option('--tags <list>', description).argParser(parseTags);
}

/** `KEY=VALUE,KEY=VALUE`; given again, they add up. */
function parseTags(text: string, before: TagPairs = {}): TagPairs {
  const pairs = text
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair): [string, string] => {
      const at = pair.indexOf('=');
      if (at < 1) throw new InvalidArgumentError('Write KEY=VALUE,KEY=VALUE.');
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    });
  return { ...before, ...Object.fromEntries(pairs) };
}
