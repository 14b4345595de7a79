/**
 * A small S3 for tests, in memory: path style, conditions and checksums honoured as AWS does, and faults on request.
 * The servers on npm ignore If-None-Match, If-Match and checksums, which is what the store relies on.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

export interface S3Server {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly objects: Map<string, StoredObject>;
  readonly requests: string[];
  /** The next `count` requests are answered with this status. */
  failNext(count: number, status: number): void;
  /** The next `count` objects read come with a flipped bit, and no checksum that tells. */
  damageNextReads(count: number): void;
  /** Before each answer. */
  delayMs: number;
  /** As servers that know no conditional delete. */
  ignoreDeleteConditions: boolean;
  close(): Promise<void>;
}

interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

const pageSize = 100;

export async function startS3Server(): Promise<S3Server> {
  const objects = new Map<string, StoredObject>();
  const requests: string[] = [];
  const faults = { left: 0, status: 503, damaged: 0 };
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await chunksOf(request));
    const url = new URL(request.url ?? '/', 'http://s3');
    requests.push(`${request.method} ${url.pathname}`);
    if (s3.delayMs > 0) await setTimeout(s3.delayMs);
    if (!request.headers.authorization?.includes('Credential=test/'))
      return fail(response, 403, 'InvalidAccessKeyId');
    if (faults.left > 0) {
      faults.left--;
      return fail(response, faults.status, 'SlowDown');
    }
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/');
    if (bucket !== 'bucket') return fail(response, 404, 'NoSuchBucket');
    const key = rest.join('/');
    if (key === '') return list(url, response);
    if (request.method === 'PUT') return put(key, body, request, response);
    const object = objects.get(key);
    if (request.method === 'DELETE') return remove(key, object, request, response);
    if (object === undefined) return fail(response, 404, 'NoSuchKey', request.method === 'HEAD');
    const damaged = request.method === 'GET' && faults.damaged > 0;
    if (damaged) faults.damaged--;
    response.writeHead(200, {
      'content-length': object.bytes.length,
      etag: object.etag,
      'last-modified': object.modified.toUTCString(),
      ...(damaged ? {} : { 'x-amz-checksum-crc32': crcOf(object.bytes) }),
    });
    return response.end(
      request.method === 'HEAD' ? undefined : damaged ? flipped(object.bytes) : object.bytes,
    );
  });

  function put(
    key: string,
    bytes: Buffer,
    request: IncomingMessage,
    response: ServerResponse,
  ): ServerResponse {
    const sum = request.headers['x-amz-checksum-crc32'];
    if (sum === undefined || sum !== crcOf(bytes)) return fail(response, 400, 'BadDigest');
    if (request.headers['if-none-match'] === '*' && objects.has(key))
      return fail(response, 412, 'PreconditionFailed');
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    objects.set(key, { bytes, etag, modified: new Date() });
    return response.writeHead(200, { etag }).end();
  }

  function remove(
    key: string,
    object: StoredObject | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): ServerResponse {
    const wanted = request.headers['if-match'];
    if (wanted !== undefined && !s3.ignoreDeleteConditions) {
      if (object === undefined) return fail(response, 404, 'NoSuchKey');
      if (object.etag !== wanted) return fail(response, 412, 'PreconditionFailed');
    }
    objects.delete(key);
    return response.writeHead(204).end();
  }

  function list(url: URL, response: ServerResponse): ServerResponse {
    const prefix = url.searchParams.get('prefix') ?? '';
    const after = url.searchParams.get('continuation-token') ?? '';
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = keys.slice(0, pageSize);
    const contents = page.map((key) => {
      const { bytes, etag, modified } = objects.get(key) as StoredObject;
      return `<Contents><Key>${key}</Key><Size>${bytes.length}</Size><ETag>${etag}</ETag><LastModified>${modified.toISOString()}</LastModified></Contents>`;
    });
    const more = keys.length > page.length;
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    response.writeHead(200, { 'content-type': 'application/xml' });
    return response.end(
      `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
    );
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const s3: S3Server = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'secret' },
    objects,
    requests,
    failNext(count, status) {
      faults.left = count;
      faults.status = status;
    },
    damageNextReads(count) {
      faults.damaged = count;
    },
    delayMs: 0,
    ignoreDeleteConditions: false,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return s3;
}

function fail(response: ServerResponse, status: number, code: string, empty = false): ServerResponse {
  response.writeHead(status, { 'content-type': 'application/xml' });
  return response.end(empty ? undefined : `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

function crcOf(bytes: Buffer): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString('base64');
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(copy.length / 2);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

async function chunksOf(request: IncomingMessage): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks;
}
