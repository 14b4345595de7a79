/**
 * A store in a bucket of any S3. Every object is at most a block and its header (a manifest of 16 TiB is 330 KB), so
 * nothing needs multipart. Checksums travel both ways; conditions are S3's own: If-None-Match on put, If-Match on
 * delete.
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { VaultError } from '../errors.ts';
import { gate } from '../work/in-parallel.ts';
import type { BlobInfo, BlobStore, StoredBlob } from './blob-store.ts';

export interface S3StoreOptions {
  readonly bucket: string;
  /** Folder in the bucket, '' or 'ingot/us-east-1/'. */
  readonly prefix: string;
  /** Absent for AWS itself. */
  readonly endpoint?: string;
  readonly region: string;
  readonly credentials: NonNullable<S3ClientConfig['credentials']>;
  /** Requests under way at once. */
  readonly concurrency?: number;
  /** Per request, with growing pauses between them. */
  readonly attempts?: number;
}

const absent = 'absent';

export function s3Store(options: S3StoreOptions): BlobStore {
  const { bucket, prefix, concurrency = 48 } = options;
  const client = new S3Client({
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    region: options.region,
    credentials: options.credentials,
    forcePathStyle: true,
    maxAttempts: options.attempts ?? 6,
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    responseChecksumValidation: 'WHEN_SUPPORTED',
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: 60_000,
      httpAgent: { keepAlive: true, maxSockets: concurrency },
    },
  });
  const description = `the bucket ${bucket}${prefix === '' ? '' : ` under ${prefix}`} at ${options.endpoint ?? 'AWS'}`;
  const enter = gate(concurrency);
  const named = (key: string) => ({ Bucket: bucket, Key: prefix + key });
  let guards: Promise<boolean> | undefined;

  /** Runs one request; `expected` turns the errors that are answers into answers. */
  function ask<T>(
    what: string,
    work: () => Promise<T>,
    expected: (error: S3ServiceException) => T | undefined = () => undefined,
  ) {
    return enter(async () => {
      try {
        return await work();
      } catch (error) {
        const answer = error instanceof S3ServiceException ? expected(error) : undefined;
        if (answer !== undefined) return answer;
        const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        throw new VaultError(
          'store-failed',
          `${what} failed in ${description} (${reason}); check the endpoint, bucket and keys`,
          { cause: error },
        );
      }
    });
  }

  const store: BlobStore = {
    description,
    remote: true,
    async get(key) {
      const found = await ask<StoredBlob | typeof absent>(
        `Reading ${key}`,
        async () => {
          const answer = await client.send(new GetObjectCommand({ ...named(key), ChecksumMode: 'ENABLED' }));
          const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
          return { ...infoOf(key, bytes.length, answer), bytes };
        },
        (error) => (isAbsent(error) ? absent : undefined),
      );
      return found === absent ? undefined : found;
    },
    async head(key) {
      const found = await ask<BlobInfo | typeof absent>(
        `Looking for ${key}`,
        async () => {
          const answer = await client.send(new HeadObjectCommand(named(key)));
          return infoOf(key, answer.ContentLength ?? 0, answer);
        },
        (error) => (isAbsent(error) ? absent : undefined),
      );
      return found === absent ? undefined : found;
    },
    async put(key, bytes, { ifAbsent } = {}) {
      // A copy: blocks lie in memory shared with threads, which the HTTP client does not take.
      const Body = Buffer.from(bytes);
      return await ask<'stored' | 'exists'>(
        `Writing ${key}`,
        async () => {
          await client.send(
            new PutObjectCommand({ ...named(key), Body, ...(ifAbsent ? { IfNoneMatch: '*' } : {}) }),
          );
          return 'stored';
        },
        (error) => (ifAbsent && statusOf(error) === 412 ? 'exists' : undefined),
      );
    },
    async delete(key, { ifVersion } = {}) {
      return await ask<'deleted' | 'absent' | 'changed'>(
        `Deleting ${key}`,
        async () => {
          await client.send(
            new DeleteObjectCommand({
              ...named(key),
              ...(ifVersion === undefined ? {} : { IfMatch: ifVersion }),
            }),
          );
          return 'deleted';
        },
        (error) => (isAbsent(error) ? 'absent' : statusOf(error) === 412 ? 'changed' : undefined),
      );
    },
    async *list(folder) {
      let token: string | undefined;
      do {
        const page = await ask(`Listing ${folder}`, () =>
          client.send(
            new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix + folder, ContinuationToken: token }),
          ),
        );
        for (const object of page.Contents ?? []) {
          yield infoOf((object.Key ?? '').slice(prefix.length), object.Size ?? 0, object);
        }
        token = page.IsTruncated ? page.NextContinuationToken : undefined;
      } while (token !== undefined);
    },
    flush: async () => undefined,
    tidy: async () => 0,
    guardsDeletes() {
      guards ??= probe(store);
      return guards;
    },
    async close() {
      client.destroy();
    },
  };
  return store;
}

/** Asks for a delete that must be refused. */
async function probe(store: BlobStore): Promise<boolean> {
  const key = `probe/${process.pid}-${Date.now()}`;
  await store.put(key, Buffer.from('probe'));
  const answer = await store.delete(key, { ifVersion: '"00000000000000000000000000000000"' });
  await store.delete(key);
  return answer === 'changed';
}

function infoOf(
  key: string,
  sizeBytes: number,
  answer: { readonly ETag?: string | undefined; readonly LastModified?: Date | undefined },
): BlobInfo {
  return { key, sizeBytes, version: answer.ETag ?? '', modifiedAtMs: answer.LastModified?.getTime() ?? 0 };
}

function statusOf(error: S3ServiceException): number | undefined {
  return error.$metadata.httpStatusCode;
}

function isAbsent(error: S3ServiceException): boolean {
  return statusOf(error) === 404 && error.name !== 'NoSuchBucket';
}
