/**
 * What a run tells, kept: one file of JSON lines a run, `<id>/events.jsonl`. A place in it is a byte offset, so
 * whoever was cut off goes on from the last that they saw.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunEvent } from './workflow.ts';

export interface JournalEntry {
  /** Where the next one begins: give it as `after` to go on from here. */
  readonly next: number;
  readonly at: string;
  readonly event: RunEvent;
}

export interface Journals {
  /** Synchronous, so that entries stand in the order in which they happened. */
  append(id: string, event: RunEvent): void;
  /** All that stands there after an offset. */
  read(id: string, after?: number): Promise<readonly JournalEntry[]>;
  /** The same, and what comes, for as long as `goesOn` says so. */
  follow(
    id: string,
    options: { readonly after?: number; goesOn(): Promise<boolean>; readonly signal: AbortSignal },
  ): AsyncIterable<JournalEntry>;
  /** Ends all who follow. */
  close(): void;
}

/** A follower that was told of nothing looks again by itself, and asks whether the run goes on. */
const lookAgainMs = 250;

export function openJournals(directory: string, now: () => Date): Journals {
  const waiting = new Map<string, Set<() => void>>();
  const fileOf = (id: string) => join(directory, id, 'events.jsonl');
  const begun = new Set<string>();
  const closing = new AbortController();
  const read = (id: string, after = 0) => readEntries(fileOf(id), after);
  return {
    append(id, event) {
      if (!begun.has(id)) mkdirSync(join(directory, id), { recursive: true, mode: 0o700 });
      // A line that a crash cut short is ended before the first one of this process.
      const first = begun.has(id) ? '' : '\n';
      begun.add(id);
      appendFileSync(fileOf(id), `${first}${JSON.stringify({ at: now().toISOString(), ...event })}\n`);
      for (const wake of waiting.get(id) ?? []) wake();
    },
    read,
    close: () => closing.abort(),
    async *follow(id, { after = 0, goesOn, signal: own }) {
      const signal = AbortSignal.any([own, closing.signal]);
      let place = after;
      while (!signal.aborted) {
        const told = wakeUp(waiting, id);
        // Asked before reading: what is told between the two is read.
        const more = await goesOn();
        const entries = await read(id, place);
        for (const entry of entries) {
          yield entry;
          place = entry.next;
        }
        if (entries.length === 0) {
          if (!more) return told.forget();
          await Promise.race([
            told.promise,
            delay(lookAgainMs, undefined, { signal }).catch(() => undefined),
          ]);
        }
        told.forget();
      }
    },
  };
}

function wakeUp(waiting: Map<string, Set<() => void>>, id: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const all = waiting.get(id) ?? new Set();
  waiting.set(id, all.add(resolve));
  const forget = () => {
    all.delete(resolve);
    if (all.size === 0 && waiting.get(id) === all) waiting.delete(id);
  };
  return { promise, forget };
}

async function readEntries(file: string, after: number): Promise<readonly JournalEntry[]> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return [];
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.max(0, size - after));
    await handle.read(bytes, 0, bytes.length, after);
    return parseEntries(bytes, after);
  } finally {
    await handle.close();
  }
}

function parseEntries(bytes: Buffer, after: number): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    const entry = parseLine(bytes.toString('utf8', start, end));
    start = end + 1;
    if (entry !== undefined) entries.push({ next: after + start, ...entry });
  }
  return entries;
}

/** Undefined for a line that a crash cut short. */
function parseLine(line: string): Omit<JournalEntry, 'next'> | undefined {
  if (line === '') return undefined;
  try {
    const { at, ...event } = JSON.parse(line) as RunEvent & { readonly at: string };
    return { at, event };
  } catch {
    return undefined;
  }
}
