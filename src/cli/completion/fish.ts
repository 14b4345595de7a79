import type { Place, PlaceOption } from './places.ts';
import { quoted } from './shell.ts';
import type { Values } from './values.ts';

export function fishScript(places: readonly Place[]): string {
  const commands = places.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  const takers = places.flatMap(({ path, options }) => options.flatMap((option) => valued(path, option)));
  return `# Completes ingot in fish: ingot completion fish | source

set -g __ingot_commands ${commands.join(' ')}
set -g __ingot_takers ${takers.map(quoted).join(' ')}

# The command that has been typed, a colon, and how many arguments it has already.
function __ingot_place
    set -l at ''
    set -l position 0
    set -l takes_next no
    for word in (commandline -opc)[2..]
        if test $takes_next = yes
            set takes_next no
        else if string match -q -- '-*' $word
            contains -- "$at:$word" $__ingot_takers; and set takes_next yes
        else if test $position = 0; and contains -- (string trim -- "$at $word") $__ingot_commands
            set at (string trim -- "$at $word")
        else
            set position (math $position + 1)
        end
    end
    echo "$at:$position"
end

function __ingot_at
    string match -q -- "$argv[1]" (__ingot_place)
end

complete -c ingot -f
${places.flatMap(lines).join('\n')}
`;
}

function lines({ path, commands, options, positions, variadic }: Place): readonly string[] {
  return [
    ...commands.map(({ name, description }) => {
      return `${condition(`${path}:0`)} -a ${quoted(name)} -d ${quoted(description)}`;
    }),
    ...options.map(({ short, long, description, values }) => {
      const flags = `-l ${quoted(long.slice(2))}${short ? ` -s ${short.slice(1)}` : ''}`;
      const value = values === undefined ? '' : ` -r${offer(values)}`;
      return `${condition(`${path}:*`)} ${flags}${value} -d ${quoted(description)}`;
    }),
    ...positions.flatMap((values, at) => {
      const place = `${path}:${variadic && at === positions.length - 1 ? '*' : at}`;
      return values.kind === 'anything' ? [] : `${condition(place)}${offer(values)}`;
    }),
  ];
}

function condition(place: string): string {
  return `complete -c ingot -n ${quoted(`__ingot_at ${quoted(place)}`)}`;
}

function valued(path: string, { short, long, values }: PlaceOption): readonly string[] {
  if (values === undefined) return [];
  return [long, ...(short ? [short] : [])].map((flag) => `${path}:${flag}`);
}

function offer(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return ` -f -a ${quoted(values.choices.join(' '))}`;
    case 'names':
      return ` -f -a ${quoted(`(${values.command} 2>/dev/null)`)}`;
    case 'files':
      return ' -F';
    case 'anything':
      return ' -f';
  }
}
