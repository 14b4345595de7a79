import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Architecture, type BaseImage, type BaseName, baseFacts } from './base.ts';

/**
 * Finished bases in a directory: `<imageName>.qcow2` and, written last, `<imageName>.json`. A qcow2 without its
 * record is not a base, so a build that dies half-way publishes nothing.
 */

/** What stands in `<imageName>.json`; the rest of a BaseImage follows from name and architecture. */
interface BaseRecord {
  readonly name: BaseName;
  readonly architecture: Architecture;
  readonly version: string;
  readonly recipe: string;
  readonly sha256: string;
  readonly virtualSizeBytes: number;
}

export interface StoredBase {
  readonly image: BaseImage;
  /** Digest of the recipe that made it. */
  readonly recipe: string;
}

export async function readStoredBases(directory: string): Promise<readonly StoredBase[]> {
  const files = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const records = files.filter((file) => file.endsWith('.json')).toSorted();
  return Promise.all(
    records.map(async (file) => {
      const record = JSON.parse(await readFile(join(directory, file), 'utf8')) as BaseRecord;
      return { image: toImage(directory, record), recipe: record.recipe };
    }),
  );
}

/** Moves a finished qcow2 into the directory and then announces it. */
export async function publishBase(
  directory: string,
  finished: string,
  record: BaseRecord,
): Promise<BaseImage> {
  const image = toImage(directory, record);
  await flush(finished);
  await rename(finished, image.file);
  const pending = `${finished}.json`;
  const handle = await open(pending, 'w');
  await handle.writeFile(`${JSON.stringify(record, null, 2)}\n`);
  await handle.sync();
  await handle.close();
  await rename(pending, recordPath(directory, image));
  await flush(directory);
  return image;
}

/** Takes a damaged base out of the directory, the record first: what is not announced may be incomplete. */
export async function withdrawBase(directory: string, image: BaseImage): Promise<void> {
  await rm(recordPath(directory, image), { force: true });
  await rm(image.file, { force: true });
}

export async function sha256OfFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash, { signal });
  return hash.digest('hex');
}

function toImage(directory: string, record: BaseRecord): BaseImage {
  const { prefix, firmware, sshUser, description } = baseFacts(record.name, record.architecture);
  const { name, architecture, version, sha256, virtualSizeBytes } = record;
  const imageName = `${prefix}-${version}`;
  const file = join(directory, `${imageName}.qcow2`);
  return {
    name,
    architecture,
    version,
    file,
    sha256,
    virtualSizeBytes,
    firmware,
    sshUser,
    imageName,
    description,
  };
}

function recordPath(directory: string, image: BaseImage): string {
  return join(directory, `${image.imageName}.json`);
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync();
  await handle.close();
}
