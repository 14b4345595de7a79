/** A run's journal: its events as they come, server-sent, until it rests; and as a log to read. */
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { logLines } from '../factory/builds/log-lines.ts';
import type { Factory } from '../factory/factory.ts';
import { isAtRest } from '../platform/workflows/workflow.ts';

const aliveMs = 30_000;

/** For a route's request. */
export const followHeaders = z.object({ 'last-event-id': z.coerce.number().int().min(0).optional() });

/** For a route's responses. */
export const followed = {
  description: 'The events',
  content: { 'text/event-stream': { schema: z.string() } },
};

/** For a route's responses. */
export const logged = { description: 'The log', content: { 'text/plain': { schema: z.string() } } };

interface Followed {
  /** Whose journal. */
  readonly id: string;
  readonly after: number;
  /** Where more than the run of this id writes there. */
  readonly goesOn?: () => Promise<boolean>;
}

export function followRun(
  { workflows }: Pick<Factory, 'workflows'>,
  c: Context,
  { id, after, goesOn = () => runs(workflows, id) }: Followed,
): Response {
  return streamSSE(c, async (stream) => {
    const left = new AbortController();
    stream.onAbort(() => left.abort());
    const entries = workflows.journals.follow(id, { after, goesOn, signal: left.signal });
    // Clients take a stream that says nothing for minutes for a broken one; a comment is no event.
    const alive = setInterval(() => void stream.write(': it goes on\n\n'), aliveMs);
    try {
      for await (const { next, at, event } of entries) {
        await stream.writeSSE({
          id: String(next),
          event: event.type,
          data: JSON.stringify({ at, ...event }),
        });
      }
    } finally {
      clearInterval(alive);
    }
  });
}

/** The journal of the run of this id, as far as it goes. */
export async function sendLog({ workflows }: Pick<Factory, 'workflows'>, c: Context, id: string) {
  const entries = await workflows.journals.read(id);
  return c.text(`${logLines(entries).join('\n')}\n`, 200);
}

async function runs(workflows: Factory['workflows'], id: string): Promise<boolean> {
  const run = await workflows.find(id);
  return run !== undefined && !isAtRest(run.state);
}
