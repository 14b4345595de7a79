/** Where a catalogue lies: a folder of this machine, or a folder behind HTTP. Reading is all that is asked of it. */
import { open } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { FactoryError } from '../factory-error.ts';

export interface Location {
  /** An absolute path, or a URL that ends with '/'. */
  readonly name: string;
  /** Relative, with `/` between. Throws where there is none, or more than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Buffer>;
  /** The same, as it comes. */
  stream(path: string, maxBytes: number): AsyncIterable<Uint8Array>;
}

/** Until something comes. */
const answerMs = 30_000;

export function locationOf(given: string): Location {
  return /^https?:\/\//i.test(given) ? overHttp(given) : inFolder(given);
}

function inFolder(given: string): Location {
  const folder = isAbsolute(given) ? given : resolve(given);
  return place(folder, async function* (path) {
    const file = join(folder, path);
    const handle = await open(file, 'r').catch((cause: unknown) => {
      throw new FactoryError('not-found', `${file} can't be read`, { cause });
    });
    yield* handle.createReadStream();
  });
}

function overHttp(given: string): Location {
  const base = given.endsWith('/') ? given : `${given}/`;
  return place(base, async function* (path) {
    const url = new URL(path, base);
    const silent = new AbortController();
    const timer = setTimeout(() => silent.abort(), answerMs);
    try {
      const answer = await fetch(url, { signal: silent.signal }).catch((cause: unknown) => {
        throw new FactoryError('target', `${url} does not answer`, { cause });
      });
      if (!answer.ok) {
        throw new FactoryError('not-found', `${url} answers ${answer.status} ${answer.statusText}`);
      }
      for await (const part of answer.body ?? []) {
        timer.refresh();
        yield part;
      }
    } finally {
      clearTimeout(timer);
    }
  });
}

function place(name: string, parts: (path: string) => AsyncIterable<Uint8Array>): Location {
  const location: Location = {
    name,
    async *stream(path, maxBytes) {
      let bytes = 0;
      // Counted as they come: what a server says beforehand binds it to nothing.
      for await (const part of parts(path)) {
        bytes += part.length;
        if (bytes > maxBytes) throw tooLarge(`${name}${name.endsWith('/') ? '' : '/'}${path}`, maxBytes);
        yield part;
      }
    },
    async read(path, maxBytes) {
      const all: Uint8Array[] = [];
      for await (const part of location.stream(path, maxBytes)) all.push(part);
      return Buffer.concat(all);
    },
  };
  return location;
}

function tooLarge(name: string, maxBytes: number): FactoryError {
  return new FactoryError('invalid', `${name} is larger than the ${maxBytes} bytes that it may have`);
}
