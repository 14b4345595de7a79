import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CatalogueImage } from './catalogue.ts';

export interface FetchOptions {
  /** Where the verified file is kept; made if missing. */
  readonly directory: string;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface FetchedImage {
  /** Absolute path; the name holds the start of the checksum, so a new release is a new file. */
  readonly file: string;
  /** Hex, of the kind the entry names. */
  readonly checksum: string;
  readonly sizeBytes: number;
}

const progressEveryBytes = 64 * 1024 ** 2;

/**
 * Downloads the image and returns it only when its checksum stands in the list the distribution publishes.
 * Returns the file from an earlier download when that still has the checksum published now.
 */
export async function fetchCatalogueImage(
  image: CatalogueImage,
  options: FetchOptions,
): Promise<FetchedImage> {
  const { signal } = options;
  const progress = options.onProgress ?? (() => undefined);
  const directory = resolve(options.directory);
  await mkdir(directory, { recursive: true });

  const list = await (await get(image.checksumsUrl, signal)).text();
  const fileName = basename(new URL(image.url).pathname);
  const checksum = publishedChecksum(list, fileName);
  if (checksum === undefined) {
    throw new Error(`${image.checksumsUrl} lists no checksum for ${fileName}, so the image is not used.`);
  }
  const extension = extname(fileName);
  const file = join(directory, `${basename(fileName, extension)}-${checksum.slice(0, 12)}${extension}`);
  if ((await checksumOfFile(file, image.checksum, signal)) === checksum) {
    return { file, checksum, sizeBytes: (await stat(file)).size };
  }

  const scratch = await mkdtemp(join(directory, '.fetching-'));
  try {
    const partial = join(scratch, fileName);
    const actual = await download(image, partial, progress, signal);
    if (actual !== checksum) {
      throw new Error(
        `${image.url} is not what its publisher says: its ${image.checksum} is ${actual}, ` +
          `the list ${image.checksumsUrl} says ${checksum}. The download was thrown away; try again later.`,
      );
    }
    const handle = await open(partial, 'r');
    await handle.sync();
    await handle.close();
    await rename(partial, file);
    return { file, checksum, sizeBytes: (await stat(file)).size };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Lines are `<hex>  <file>` or `<hex> *<file>`, as sha256sum writes them. */
export function publishedChecksum(list: string, fileName: string): string | undefined {
  for (const line of list.split('\n')) {
    const [, checksum, name] = /^([0-9a-fA-F]{64,128}) [ *](.+)$/.exec(line.trim()) ?? [];
    if (name === fileName) return checksum?.toLowerCase();
  }
  return undefined;
}

async function download(
  image: CatalogueImage,
  file: string,
  progress: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  const response = await get(image.url, signal);
  if (response.body === null) throw new Error(`${image.url} answered with nothing`);
  const total = Number(response.headers.get('content-length') ?? 0);
  const hash = createHash(image.checksum);
  let received = 0;
  let announced = 0;
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      received += chunk.length;
      if (received - announced >= progressEveryBytes || received === total) {
        announced = received;
        progress(`${mebibytes(received)} of ${total === 0 ? 'unknown' : mebibytes(total)} MiB`);
      }
      done(null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(response.body), watch, createWriteStream(file), { signal });
  return hash.digest('hex');
}

async function get(url: string, signal: AbortSignal | undefined): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, signal === undefined ? {} : { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new Error(`Cannot reach ${url}`, { cause });
  }
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${response.statusText}`);
  return response;
}

async function checksumOfFile(
  file: string,
  kind: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const hash = createHash(kind);
  try {
    await pipeline(createReadStream(file), hash, { signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}
