/** Output as lines, with the place up to which it has been told: a follower that is cut off goes on from there. */
export interface OutputLines {
  /** `offset` is that of the chunk's end. */
  add(chunk: Uint8Array, offset: number): void;
  /** Tells what has no line end. */
  end(): void;
}

const longestLine = 4_000;

export function outputLines(
  secrets: readonly string[],
  tell: (lines: readonly string[], offset: number) => void,
): OutputLines {
  let rest = Buffer.alloc(0);
  let place = 0;
  const hidden = (line: string) =>
    secrets.reduce((text, secret) => text.replaceAll(secret, '•••'), line).slice(0, longestLine);
  // A progress bar writes over its line: what stands there last counts.
  const shown = (line: string) => hidden(line.replace(/\r+$/, '').replace(/^.*\r/, ''));
  return {
    add(chunk, offset) {
      const all = Buffer.concat([rest, chunk]);
      const end = all.lastIndexOf(10) + 1;
      rest = all.subarray(end);
      place = offset;
      if (end === 0) return;
      const lines = all
        .toString('utf8', 0, end - 1)
        .split('\n')
        .map(shown);
      tell(lines, offset - rest.byteLength);
    },
    end() {
      if (rest.byteLength > 0) tell([shown(rest.toString())], place);
      rest = Buffer.alloc(0);
    },
  };
}
