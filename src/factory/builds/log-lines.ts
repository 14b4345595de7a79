/** A build's journal as lines to read, each with its time. */
import type { JournalEntry } from '../../platform/workflows/journal.ts';
import type { RunEvent } from '../../platform/workflows/workflow.ts';

export function logLines(entries: readonly JournalEntry[]): readonly string[] {
  return entries.flatMap(({ at, event }) => linesOf(event).map((line) => `${at.slice(11, 19)} ${line}`));
}

function linesOf(event: RunEvent): readonly string[] {
  const text = (field: string) => String(event[field] ?? '');
  switch (event.type) {
    case 'stage':
      return [text('title')];
    case 'output':
      return Array.isArray(event.lines) ? event.lines.map((line) => `  | ${line}`) : [];
    case 'creation':
      return [text('text')];
    case 'detail':
    case 'note':
    case 'waiting':
      return [`  ${text('text')}`];
    case 'check':
      return [`  ${text('status')}: ${text('name')}${event.error === undefined ? '' : `: ${text('error')}`}`];
    case 'console':
      return [
        '  console:',
        ...text('text')
          .split('\n')
          .map((line) => `  | ${line}`),
      ];
    case 'step':
      return stepLines(event);
    case 'run':
      return [`${text('state')}${event.message === undefined ? '' : `: ${text('message')}`}`];
    default:
      return [];
  }
}

function stepLines({ step, state, ms, message }: RunEvent): readonly string[] {
  const seconds = typeof ms === 'number' ? ` (${(ms / 1000).toFixed(1)} s)` : '';
  if (state === 'done') return [`  done: ${String(step)}${seconds}`];
  if (state === 'failed') return [`  failed: ${String(step)}${seconds}: ${String(message)}`];
  return [];
}
