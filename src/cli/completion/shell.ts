/** Parts of shell scripts. */
import type { Place, PlaceOption } from './places.ts';
import type { Values } from './values.ts';

/**
 * The functions that bash and zsh have in common; `offer` is the command that offers values to either.
 * The two that tell what a word is answer by their status.
 */
export function caseFunctions(places: readonly Place[], offer: (values: Values) => string): string {
  const values = places.flatMap(({ path, options }) =>
    options.flatMap((option) => valueCases(path, option, offer)),
  );
  return `_ingot_is_command() {
  case $1 in
${cases(places.filter(({ path }) => path !== '').map(({ path }) => [path, 'return 0']))}
  esac
  return 1
}

_ingot_takes_value() {
  case $1 in
${cases(values.map(([pattern]) => [pattern, 'return 0']))}
  esac
  return 1
}

_ingot_value() {
  case $1 in
${cases(values)}
  esac
}

_ingot_argument() {
  case $1 in
${cases(places.flatMap((place) => argumentCases(place, offer)))}
  esac
}`;
}

function valueCases(
  path: string,
  { short, long, values }: PlaceOption,
  offer: (values: Values) => string,
): readonly [string, string][] {
  if (values === undefined) return [];
  return [long, ...(short ? [short] : [])].map((flag) => [`${path}:${flag}`, offer(values)]);
}

function argumentCases(
  { path, positions, variadic }: Place,
  offer: (values: Values) => string,
): readonly [string, string][] {
  return positions.flatMap((values, at): [string, string][] => {
    const goesOn = variadic && at === positions.length - 1;
    return [[`${path}:${goesOn ? '*' : at}`, offer(values)]];
  });
}

/** As one word of bash, zsh and fish, whatever it holds but a backslash, which no name of ours has. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Arms of a `case`; an ending `*` of a pattern stays one. */
export function cases(arms: readonly (readonly [pattern: string, command: string])[]): string {
  return arms
    .map(([pattern, command]) => {
      const exact = pattern.endsWith(':*') ? `'${pattern.slice(0, -1)}'*` : `'${pattern}'`;
      return `  ${exact}) ${command} ;;`;
    })
    .join('\n');
}
