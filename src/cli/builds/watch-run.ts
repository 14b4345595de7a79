/** Draws what a run of the server does, until it rests. Ctrl-C leaves it to itself. */
import { say } from '../output.ts';
import { type BuildEvent, buildEvents } from './build-events.ts';
import { drawBuild } from './draw-build.ts';

export interface WatchOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** How to rejoin it and how to end it, for who left it. */
  readonly rejoin: string;
  readonly end: string;
  /** Told of what is to be shown. True: nobody waits for more. */
  readonly isEnough?: (event: BuildEvent) => boolean;
}

/** As a shell tells of SIGINT. */
const interruptedExitCode = 130;

/** False where Ctrl-C left it to itself. */
export async function watchRun(id: string, options: WatchOptions): Promise<boolean> {
  const drawing = drawBuild(options);
  const left = new AbortController();
  const leave = () => left.abort();
  process.on('SIGINT', leave);
  let away = false;
  const onAway = () => {
    if (!away) drawing.note('… The server is away; waiting for it');
    away = true;
  };
  try {
    for await (const event of buildEvents(id, { signal: left.signal, onAway })) {
      away = false;
      drawing.show(event);
      if (options.isEnough?.(event) === true) break;
    }
  } finally {
    process.off('SIGINT', leave);
    drawing.end();
  }
  if (left.signal.aborted) {
    say(`\nIt goes on. Rejoin it: ${options.rejoin}   End it: ${options.end}`);
    process.exitCode = interruptedExitCode;
  }
  return !left.signal.aborted;
}
