/** Follows a deployment until it is ready, or until its image is there too. Ctrl-C leaves it to itself. */
import { buildEvents } from '../builds/build-events.ts';
import { drawBuild } from '../builds/draw-build.ts';
import { say } from '../output.ts';

export interface FollowDeployment {
  /** Also what comes after it is ready. */
  readonly image: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

const atRest = ['succeeded', 'held', 'failed', 'cancelled'];
/** As a shell tells of SIGINT. */
const interruptedExitCode = 130;

/** False where Ctrl-C left it to itself. */
export async function followDeployment(id: string, options: FollowDeployment): Promise<boolean> {
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
      const isOver = event.type === 'run' && atRest.includes(String(event.state));
      if (event.type !== 'run') drawing.show(event);
      if (isOver && !options.image) break;
    }
  } finally {
    process.off('SIGINT', leave);
    drawing.end();
  }
  if (left.signal.aborted) {
    say(
      `\nIt goes on. Rejoin it: ingot deployments logs ${id} --follow   End it: ingot deployments delete ${id}`,
    );
    process.exitCode = interruptedExitCode;
  }
  return !left.signal.aborted;
}
