/** Several builds on one screen: a line when one goes on to its next stage, with its name before it. */
import type { Context } from '../context.ts';
import { duration, paint, say } from '../output.ts';
import { type BuildEvent, buildEvents } from './build-events.ts';
import { showBuild } from './follow-build.ts';

/** Answers true where Ctrl-C left them to themselves. */
export async function followBuilds(
  context: Context,
  ids: readonly string[],
  options: { readonly quiet: boolean },
): Promise<boolean> {
  const builds = await Promise.all(ids.map((id) => showBuild(context, id)));
  const labels = builds.map(({ template, region, architecture }) => `${template} ${region} ${architecture}`);
  return await followRuns(ids, labels, options);
}

/** A label for each, in the same order. */
export async function followRuns(
  ids: readonly string[],
  labels: readonly string[],
  options: { readonly quiet: boolean },
): Promise<boolean> {
  const width = Math.max(...labels.map(({ length }) => length));
  const left = new AbortController();
  const leave = () => left.abort();
  process.on('SIGINT', leave);
  try {
    await Promise.all(
      ids.map(async (id, at) => {
        const show = lineOf();
        for await (const event of buildEvents(id, { signal: left.signal, onAway: () => undefined })) {
          const line = show(event);
          if (line !== undefined && !options.quiet) say(`${(labels[at] ?? '').padEnd(width)}  ${line}`);
        }
      }),
    );
  } finally {
    process.off('SIGINT', leave);
  }
  if (!left.signal.aborted) return false;
  say(`They go on. Rejoin one: ingot ami attach ${ids[0]}`);
  return true;
}

function lineOf(): (event: BuildEvent) => string | undefined {
  let title = '';
  return (event) => {
    const ms = duration(Number(event.ms ?? 0)).padStart(9);
    if (event.type === 'stage') title = String(event.title);
    if (event.type === 'step' && event.state === 'done')
      return `${paint('green', '✓')} ${title.padEnd(34)} ${ms}`;
    if (event.type === 'step' && event.state === 'failed') {
      return `${paint('red', '✗')} ${title.padEnd(34)} ${ms}   ${String(event.message)}`;
    }
    if (event.type === 'run' && event.state === 'waiting') return '… waits for its turn';
    return undefined;
  };
}
