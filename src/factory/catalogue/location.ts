/** Where a catalogue lies: a folder of this machine, or a folder behind HTTP. Reading is all that is asked of it. */
import { open } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { FactoryError } from '../factory-error.ts';

export interface Location {
  /** An absolute path, or a URL that ends with '/'. */
  readonly name: string;
  /** Relative, with `/` between. Throws where there is none, or more than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Buffer>;
}

const answerMs = 30_000;

export function locationOf(given: string): Location {
  return /^https?:\/\//i.test(given) ? overHttp(given) : inFolder(given);
}

function inFolder(given: string): Location {
  const folder = isAbsolute(given) ? given : resolve(given);
  return {
    name: folder,
    async read(path, maxBytes) {
      const file = join(folder, path);
      const handle = await open(file, 'r').catch((cause: unknown) => {
        throw new FactoryError('not-found', `${file} can't be read`, { cause });
      });
      try {
        const { size } = await handle.stat();
        if (size > maxBytes) throw tooLarge(file, maxBytes);
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    },
  };
}

function overHttp(given: string): Location {
  const base = given.endsWith('/') ? given : `${given}/`;
  return {
    name: base,
    async read(path, maxBytes) {
      const url = new URL(path, base);
      const answer = await fetch(url, { signal: AbortSignal.timeout(answerMs) }).catch((cause: unknown) => {
        throw new FactoryError('target', `${url} does not answer`, { cause });
      });
      if (!answer.ok)
        throw new FactoryError('not-found', `${url} answers ${answer.status} ${answer.statusText}`);
      const parts: Uint8Array[] = [];
      let bytes = 0;
      // Counted as they come: what a server says beforehand binds it to nothing.
      for await (const part of answer.body ?? []) {
        bytes += part.length;
        if (bytes > maxBytes) throw tooLarge(url.href, maxBytes);
        parts.push(part);
      }
      return Buffer.concat(parts);
    },
  };
}

function tooLarge(name: string, maxBytes: number): FactoryError {
  return new FactoryError('invalid', `${name} is larger than the ${maxBytes} bytes that it may have`);
}
