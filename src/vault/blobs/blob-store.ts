/**
 * Where a vault keeps its bytes: a folder, or any S3. Small whole objects under '/'-separated keys, read and
 * listed with strong consistency. Two conditions carry everything that must not race: a put that loses to an
 * existing object, and a delete that loses to a newer version.
 */
export interface BlobInfo {
  readonly key: string;
  readonly sizeBytes: number;
  /** By the store's own clock. */
  readonly modifiedAtMs: number;
  /** Differs whenever other bytes were put under the key. */
  readonly version: string;
}

export interface StoredBlob extends BlobInfo {
  readonly bytes: Buffer;
}

export interface BlobStore {
  /** For messages: 'the folder /x', 'the bucket b at http://…'. */
  readonly description: string;
  /** Bytes come over a network, so they are verified in full on arrival. */
  readonly remote: boolean;
  get(key: string): Promise<StoredBlob | undefined>;
  head(key: string): Promise<BlobInfo | undefined>;
  /** Answers once the content is durable; the name is durable after `flush`. 'exists' only with `ifAbsent`. */
  put(
    key: string,
    bytes: Uint8Array,
    options?: { readonly ifAbsent?: boolean },
  ): Promise<'stored' | 'exists'>;
  delete(key: string, options?: { readonly ifVersion?: string }): Promise<'deleted' | 'absent' | 'changed'>;
  /** What is put or deleted meanwhile may or may not be seen. */
  list(prefix: string): AsyncIterable<BlobInfo>;
  /** Everything put before is durable, names included. */
  flush(): Promise<void>;
  /** Removes what interrupted writes older than this left behind, and puts back what an interrupted delete held. */
  tidy(olderThanMs: number): Promise<number>;
  /** Whether `ifVersion` is honoured. Some S3 servers ignore it: such a store is never collected. */
  guardsDeletes(): Promise<boolean>;
  /** Of a store that is a folder of this machine: any thread may put new objects there, by `putNewFile`. */
  readonly local?: LocalFolder;
  close(): Promise<void>;
}

export interface LocalFolder {
  readonly root: string;
  /** A thread has made names in these folders: the next `flush` makes them durable. */
  touched(folders: readonly string[]): void;
}

export async function readJson(store: BlobStore, key: string): Promise<unknown> {
  const blob = await store.get(key);
  return blob === undefined ? undefined : (JSON.parse(blob.bytes.toString('utf8')) as unknown);
}

export async function putJson(store: BlobStore, key: string, value: unknown): Promise<void> {
  await store.put(key, Buffer.from(`${JSON.stringify(value, null, 2)}\n`));
}

/** The last part of a key's folder: 'snap-1' of 'snapshots/snap-1/manifest'. */
export function folderOf(key: string): string {
  return key.split('/').at(-2) ?? '';
}
