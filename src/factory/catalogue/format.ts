/**
 * A catalogue as it lies in a folder or behind HTTP. One signed file names every entry by the digest of its manifest,
 * a manifest names its files by theirs: one signature vouches for all. docs/reference/catalogue.md.
 */
import { z } from 'zod';

export const indexFile = 'catalogue.dsse.json';
export const indexType = 'application/vnd.ingot.catalogue+json;version=1';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal');
/** A name that is a folder of its own and nothing else. */
const segment = z.string().regex(/^(?!\.)[A-Za-z0-9._+-]{1,128}$/, 'must be letters, digits and . _ + -');
const time = z.iso.datetime();
const architecture = z.enum(['x86_64', 'arm64']);

export const entrySchema = z.strictObject({
  template: segment,
  version: segment,
  architecture,
  description: z.string(),
  sizeGiB: z.number(),
  publishedAt: time,
  /** Of the entry's `manifest.json`, byte for byte. */
  manifest: sha256,
});

export const indexSchema = z.strictObject({
  name: z.string().min(1).max(64),
  description: z.string(),
  /** What it is signed with, so that whoever adds it can be shown and asked; from then on theirs counts. */
  publicKey: z.base64(),
  /** Counts publications. A reader refuses a lower one than it saw last. */
  sequence: z.int().positive(),
  updatedAt: time,
  entries: z.array(entrySchema),
});

export const manifestSchema = z.strictObject({
  template: segment,
  version: segment,
  architecture,
  name: z.string(),
  description: z.string(),
  sshUser: z.string(),
  ports: z.array(z.int().min(1).max(65_535)),
  sizeGiB: z.number(),
  publishedAt: time,
  /** Where it can be launched as it is: public images, or images shared with whoever may. */
  images: z.array(z.strictObject({ region: z.string(), imageId: z.string(), ownerId: z.string() })),
  /** A machine launched from it passed its checks. */
  proven: z.boolean(),
  /** For a cloud that has none of the images: what to make one of. */
  machine: z
    .strictObject({
      rootDevice: z.string(),
      bootMode: z.string(),
      /** `file`: the raw disk, compressed with zstd. */
      disks: z
        .array(z.strictObject({ device: z.string(), sizeGiB: z.int().positive(), file: segment }))
        .min(1),
    })
    .optional(),
  files: z.record(segment, z.strictObject({ sha256, bytes: z.int().nonnegative() })),
});

export type Catalogue = z.output<typeof indexSchema>;
export type Entry = z.output<typeof entrySchema>;
export type CatalogueMachine = NonNullable<z.output<typeof manifestSchema>['machine']>;
export type Manifest = z.output<typeof manifestSchema>;

export type EntryName = Pick<Entry, 'template' | 'version' | 'architecture'>;

/** Relative to the catalogue, with `/` between. */
export function entryFolder({ template, version, architecture: arch }: EntryName): string {
  return `entries/${template}/${version}/${arch}`;
}

export function showEntry({ template, version, architecture: arch }: EntryName): string {
  return `${template} ${version} ${arch}`;
}
