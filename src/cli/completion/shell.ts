/** Parts of shell scripts. */

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
