/** Reading what others publish: nothing is used before the signature, or a digest under it, vouches for it. */
import { createHash } from 'node:crypto';
import { FactoryError } from '../factory-error.ts';
import {
  type Catalogue,
  type Entry,
  entryFolder,
  indexFile,
  indexSchema,
  indexType,
  type Manifest,
  manifestSchema,
  showEntry,
} from './format.ts';
import type { Location } from './location.ts';
import { fingerprint, opened, payloadOf } from './signature.ts';

const indexMaxBytes = 16 * 1024 * 1024;
const manifestMaxBytes = 1024 * 1024;

export interface Trust {
  readonly publicKey: string;
  /** The highest that was seen: an older index, signed as it may be, is not served again. */
  readonly sequence?: number;
}

export async function readCatalogue(location: Location, trust: Trust): Promise<Catalogue> {
  const text = (await location.read(indexFile, indexMaxBytes)).toString('utf8');
  const payload = openIndex(location, text, trust.publicKey);
  const catalogue = indexSchema.parse(JSON.parse(payload.toString('utf8')));
  if (trust.sequence !== undefined && catalogue.sequence < trust.sequence) {
    throw refusal(
      location,
      `is older than what was there before (publication ${catalogue.sequence} after ${trust.sequence})`,
    );
  }
  return catalogue;
}

/** Signed by the key that it names itself: whether that is one to trust, somebody has to say. */
export async function readUntrusted(location: Location): Promise<Catalogue> {
  const text = (await location.read(indexFile, indexMaxBytes)).toString('utf8');
  let named: Catalogue;
  try {
    named = indexSchema.parse(JSON.parse(payloadOf(text).toString('utf8')));
  } catch (cause) {
    throw refusal(location, `has a ${indexFile} that is no signed index`, cause);
  }
  openIndex(location, text, named.publicKey);
  return named;
}

export async function readManifest(location: Location, entry: Entry): Promise<Manifest> {
  const path = `${entryFolder(entry)}/manifest.json`;
  const bytes = checked(location, path, await location.read(path, manifestMaxBytes), entry.manifest);
  const manifest = manifestSchema.parse(JSON.parse(bytes.toString('utf8')));
  const same = (['template', 'version', 'architecture'] as const).every(
    (key) => manifest[key] === entry[key],
  );
  if (!same) throw refusal(location, `has the manifest of ${showEntry(manifest)} under ${showEntry(entry)}`);
  return manifest;
}

/** One of the manifest's files. */
export async function readEntryFile(location: Location, manifest: Manifest, name: string): Promise<Buffer> {
  const file = manifest.files[name];
  if (file === undefined) {
    const there = Object.keys(manifest.files).join(', ');
    throw new FactoryError('not-found', `${showEntry(manifest)} has no ${name}; there are ${there}`);
  }
  const path = `${entryFolder(manifest)}/${name}`;
  return checked(location, path, await location.read(path, file.bytes), file.sha256);
}

function openIndex(location: Location, text: string, publicKey: string): Buffer {
  let payload: Buffer | undefined;
  try {
    payload = opened(text, indexType, publicKey);
  } catch (cause) {
    throw refusal(location, `has a ${indexFile} that is no signed index`, cause);
  }
  if (payload === undefined) throw refusal(location, `is not signed by ${fingerprint(publicKey)}`);
  return payload;
}

function checked(location: Location, path: string, bytes: Buffer, sha256: string): Buffer {
  if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes;
  throw refusal(location, `has a ${path} that is not the one that was published`);
}

export function refusal(location: Location, what: string, cause?: unknown): FactoryError {
  return new FactoryError('invalid', `The catalogue ${location.name} ${what}. Nothing of it is used.`, {
    cause,
  });
}
