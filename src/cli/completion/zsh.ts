import type { Choice, Place, PlaceOption } from './places.ts';
import { caseFunctions, cases, quoted } from './shell.ts';
import type { Values } from './values.ts';

export function zshScript(places: readonly Place[]): string {
  return `#compdef ingot
# Completes ingot in zsh: eval "$(ingot completion zsh)", after compinit

_ingot_names() {
  local -a names=("\${(@f)$("$@" 2>/dev/null)}")
  names=(\${names:#})
  compadd -a names
}

${caseFunctions(places, offer)}

_ingot_commands() {
  local -a found
  case $1 in
${cases(places.filter(({ commands }) => commands.length > 0).map(({ path, commands }) => [path, `found=(${described(commands)})`]))}
  *) return ;;
  esac
  _describe command found
}

_ingot_options() {
  local -a found
  case $1 in
${cases(places.map(({ path, options }) => [path, `found=(${described(options.map(toChoice))})`]))}
  esac
  _describe option found
}

_ingot() {
  local at= option= word i
  local -i position=0
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ -n $option ]]; then option=; continue; fi
    if [[ $word == -*=* ]]; then
      continue
    elif [[ $word == -* ]]; then
      _ingot_takes_value "$at:$word" && option=$word
    elif ((position == 0)) && _ingot_is_command "\${at:+$at }$word"; then
      at="\${at:+$at }$word"
    else
      ((position += 1))
    fi
  done
  word=\${words[CURRENT]}
  if [[ -n $option ]]; then
    _ingot_value "$at:$option"
  elif [[ $word == --*=* ]] && compset -P '*='; then
    _ingot_value "$at:\${word%%=*}"
  elif [[ $word == -* ]]; then
    _ingot_options "$at"
  else
    ((position == 0)) && _ingot_commands "$at"
    _ingot_argument "$at:$position"
  fi
}

if [[ $funcstack[1] == _ingot ]]; then _ingot "$@"; else compdef _ingot ingot; fi
`;
}

function toChoice({ long, description }: PlaceOption): Choice {
  return { name: long, description };
}

/** For _describe, which takes a colon for the end of the name. */
function described(choices: readonly Choice[]): string {
  return choices
    .map(({ name, description }) => quoted(`${name.replaceAll(':', '\\\\:')}:${description}`))
    .join(' ');
}

function offer(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return `compadd -- ${values.choices.map(quoted).join(' ')}`;
    case 'names':
      return `_ingot_names ${values.command}`;
    case 'files':
      return '_files';
    case 'anything':
      return ':';
  }
}
