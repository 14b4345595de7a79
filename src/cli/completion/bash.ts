import type { Place } from './places.ts';
import { caseFunctions, cases, quoted } from './shell.ts';
import type { Values } from './values.ts';

/** Names come from elsewhere: they are compared and quoted, never evaluated. */
export function bashScript(places: readonly Place[]): string {
  const groups = places.filter(({ commands }) => commands.length > 0);
  return `# Completes ingot in bash: eval "$(ingot completion bash)"

_ingot_names() {
  local line
  while IFS= read -r line; do
    [[ $line == "$cur"* ]] && COMPREPLY+=("$(printf %q "$line")")
  done < <("$@" 2>/dev/null)
}

_ingot_choices() {
  local word
  for word in "$@"; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
  done
}

${caseFunctions(places, offer)}

_ingot_commands() {
  case $1 in
${cases(groups.map(({ path, commands }) => [path, choose(commands.map(({ name }) => name))]))}
  esac
}

_ingot_options() {
  case $1 in
${cases(places.map(({ path, options }) => [path, choose(options.map(({ long }) => long))]))}
  esac
}

_ingot() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path= option= position=0 i word
  COMPREPLY=()
  [[ $cur == = ]] && cur=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == = ]]; then continue; fi
    if [[ -n $option ]]; then option=; continue; fi
    if [[ $word == -* ]]; then
      _ingot_takes_value "$path:$word" && option=$word
    elif ((position == 0)) && _ingot_is_command "\${path:+$path }$word"; then
      path="\${path:+$path }$word"
    else
      ((position += 1))
    fi
  done
  if [[ -n $option ]]; then
    _ingot_value "$path:$option"
  elif [[ $cur == -* ]]; then
    _ingot_options "$path"
  else
    ((position == 0)) && _ingot_commands "$path"
    _ingot_argument "$path:$position"
  fi
}

complete -F _ingot ingot
`;
}

function choose(words: readonly string[]): string {
  return `_ingot_choices ${words.map(quoted).join(' ')}`;
}

function offer(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return choose(values.choices);
    case 'names':
      return `_ingot_names ${values.command}`;
    case 'files':
      return 'compopt -o default 2>/dev/null';
    case 'anything':
      return ':';
  }
}
