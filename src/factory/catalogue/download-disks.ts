import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Digested, digesting } from '../disks/disk-file.ts';
import type { Factory } from '../factory.ts';
import type { FetchContext } from './fetch.ts';
import { entryFolder } from './format.ts';
import { locationOf } from './location.ts';
import { refusal } from './read-catalogue.ts';

type Parts = Pick<Factory, 'directories'>;

/** Each file whole and verified, or none of it. */
export async function downloadDisks(parts: Parts, context: FetchContext): Promise<null> {
  const { manifest } = context.input;
  const folder = downloadFolder(parts, context.runId);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { file } of manifest.machine?.disks ?? []) {
    const wanted = manifest.files[file];
    if (wanted === undefined) throw refusal(locationOf(context.input.location), `names no digest of ${file}`);
    await download(context, file, join(folder, file), wanted);
  }
  return null;
}

/** Absolute. */
export function downloadFolder({ directories }: Parts, runId: string): string {
  return join(directories.builds, runId, 'disks');
}

async function download(
  { input, signal, tell }: FetchContext,
  name: string,
  file: string,
  wanted: Digested,
): Promise<void> {
  if ((await digestOf(file))?.sha256 === wanted.sha256) return;
  const location = locationOf(input.location);
  const { stream, digest } = digesting();
  const path = `${entryFolder(input.manifest)}/${name}`;
  tell({ type: 'detail', text: `${name}, ${(wanted.bytes / 1024 ** 2).toFixed(0)} MiB` });
  await pipeline(Readable.from(location.stream(path, wanted.bytes)), stream, createWriteStream(file), {
    signal,
  });
  if (digest().sha256 === wanted.sha256) return;
  await rm(file, { force: true });
  throw refusal(location, `has a ${path} that is not the one that was published`);
}

/** Of what an earlier attempt left. */
async function digestOf(file: string): Promise<Digested | undefined> {
  if ((await stat(file).catch(() => undefined)) === undefined) return undefined;
  const { stream, digest } = digesting();
  await pipeline(createReadStream(file), stream, async (parts) => {
    for await (const _ of parts);
  });
  return digest();
}
