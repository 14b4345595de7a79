/** A build's events as the server sends them. A connection that is lost is made again, from the last event seen. */
import { setTimeout as delay } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { refusalOf } from '../admin-client.ts';
import { type Context, findContext } from '../context.ts';
import { CliError, exitCodes } from '../errors.ts';
import { runPath } from './run-path.ts';

export interface BuildEvent {
  readonly type: string;
  /** ISO 8601. */
  readonly at: string;
  readonly [field: string]: unknown;
}

export interface EventOptions {
  readonly signal: AbortSignal;
  /** Told while the server can't be reached. */
  onAway(): void;
}

const patienceMs = 120_000;
const retryMs = 500;

/** Ends when the build rests. */
export async function* buildEvents(id: string, options: EventOptions): AsyncGenerator<BuildEvent> {
  const { signal } = options;
  let last = '0';
  let awaySince: number | undefined;
  for (;;) {
    try {
      // Found anew each time: a server that was started again may listen elsewhere.
      const context = await findContext();
      for await (const { id: place, data } of await connect(context, id, last, signal)) {
        awaySince = undefined;
        last = place ?? last;
        yield JSON.parse(data) as BuildEvent;
      }
      if (await isAtRest(context, id)) return;
    } catch (error) {
      if (signal.aborted) return;
      const unreachable = error instanceof TypeError || isNoServer(error);
      if (!unreachable) throw error;
    }
    awaySince ??= Date.now();
    if (Date.now() - awaySince > patienceMs) {
      throw new CliError(`The server has not come back; when it runs again: ingot ami attach ${id}`, {
        exitCode: exitCodes.noServer,
      });
    }
    options.onAway();
    await delay(retryMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
}

async function connect({ url, token }: Context, id: string, last: string, signal: AbortSignal) {
  const headers = { authorization: `Bearer ${token}`, 'last-event-id': last };
  const response = await fetch(`${url}${runPath(id)}/events`, { headers, signal });
  if (!response.ok || response.body === null) throw await refusalOf(response, url);
  return response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
}

const underWay = ['running', 'ending', 'pending', 'in_progress', 'deploying', 'deleting', 'creating'];

async function isAtRest({ url, token }: Context, id: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}${runPath(id)}`, { headers });
  const run = (await response.json()) as { readonly status?: string; readonly ami_creation_status?: string };
  return ![run.status, run.ami_creation_status].some((each) => underWay.includes(each ?? ''));
}

function isNoServer(error: unknown): boolean {
  return error instanceof CliError && error.exitCode === exitCodes.noServer;
}
