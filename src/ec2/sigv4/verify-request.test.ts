/** The library signs, as clients do; ours verifies. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it } from 'vitest';
import type { AccountId } from '../../platform/ids.ts';
import type { AccessKey } from '../types.ts';
import { createSigningKeys } from './signing-keys.ts';
import { type SignedRequest, verifyRequest } from './verify-request.ts';

const key: AccessKey = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  accountId: '123456789012' as AccountId,
  userName: 'root',
};
const now = new Date('2026-01-02T03:04:05Z');
const parts = {
  keys: async (id: string) => (id === key.accessKeyId ? key : undefined),
  signingKeys: createSigningKeys(),
  clock: () => now,
};

class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac('sha256', secret as string | NodeJS.ArrayBufferView);
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

interface Options {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Record<string, string | string[]>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly service?: string;
  readonly signedAt?: Date;
  readonly secret?: string;
  readonly applyChecksum?: boolean;
}

function prepare(options: Options) {
  const signer = new SignatureV4({
    credentials: { accessKeyId: key.accessKeyId, secretAccessKey: options.secret ?? key.secretAccessKey },
    region: 'us-east-1',
    service: options.service ?? 'ec2',
    sha256: Sha256,
    applyChecksum: options.applyChecksum ?? false,
  });
  const request = {
    method: options.method ?? 'POST',
    protocol: 'http:',
    hostname: 'localhost',
    path: options.path ?? '/',
    query: options.query ?? {},
    headers: { host: 'localhost:7979', ...options.headers },
    body: options.body ?? 'Action=DescribeImages',
  };
  return { signer, request };
}

type Signed = Awaited<ReturnType<SignatureV4['presign']>>;

function received({ method, path, query = {}, headers, body }: Signed): SignedRequest {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map((one): [string, string] => [name, one]),
  );
  const search = new URLSearchParams(pairs).toString();
  return {
    method,
    url: search ? `${path}?${search}` : path,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(String(body ?? '')),
    services: ['ec2', 'sts'],
  };
}

async function signed(options: Options = {}): Promise<SignedRequest> {
  const { signer, request } = prepare(options);
  return received((await signer.sign(request, { signingDate: options.signedAt ?? now })) as Signed);
}

async function presigned(options: Options & { readonly expiresIn?: number } = {}): Promise<SignedRequest> {
  const { signer, request } = prepare(options);
  const { expiresIn = 60, signedAt = now } = options;
  return received(await signer.presign(request, { signingDate: signedAt, expiresIn }));
}

const minutes = (count: number) => new Date(now.getTime() + count * 60_000);
const refused = (kind: string) => expect.objectContaining({ kind });

describe('a signature in the Authorization header', () => {
  it('gives the key, the region and the service', async () => {
    expect(await verifyRequest(await signed(), parts)).toEqual({ key, region: 'us-east-1', service: 'ec2' });
    expect(await verifyRequest(await signed({ service: 'sts' }), parts)).toMatchObject({ service: 'sts' });
  });

  it.each<Options>([
    { headers: { 'x-amz-security-token': 'any', 'Content-Type': 'a;  b ', 'x-amz-meta': '' } },
    { applyChecksum: true },
    {
      method: 'GET',
      query: { Action: 'DescribeImages', 'Filter.1.Name': 'a b/c+d=e&f~é', Empty: '' },
      body: '',
    },
    { query: { a: ['2', '1'], A: 'x', 'a-b': 'y' } },
    { path: '/snapshots/snap-1/blocks/', body: '' },
    { path: '/a%20b/../c/./d//e(1)', body: '' },
    { body: 'Description=%E2%82%AC', headers: { 'user-agent': 'x', 'amz-sdk-request': 'attempt=1; max=3' } },
  ])('is verified for %j', async (options) => {
    expect(await verifyRequest(await signed(options), parts)).toMatchObject({ key });
  });

  it('is refused where anything was changed', async () => {
    const request = await signed({ headers: { 'x-amz-meta': '1' }, query: { a: '1' } });
    for (const change of [
      { method: 'PUT' },
      { url: '/other?a=1' },
      { url: '/?a=2' },
      { url: '/?a=1&b=2' },
      { url: '/?__proto__=1' },
      { body: Buffer.from('Action=TerminateInstances') },
      { headers: { ...request.headers, host: 'elsewhere' } },
      { headers: { ...request.headers, 'x-amz-meta': '2' } },
      { headers: { ...request.headers, 'x-amz-meta': undefined } },
      { headers: { ...request.headers, 'x-amz-date': '20260102T030406Z' } },
      { headers: { ...request.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
    ]) {
      await expect(verifyRequest({ ...request, ...change }, parts)).rejects.toThrow(refused('mismatch'));
    }
  });

  it('is refused for another secret or an unknown key', async () => {
    await expect(verifyRequest(await signed({ secret: 'wrong' }), parts)).rejects.toThrow(
      refused('mismatch'),
    );
    const nobody = { ...parts, keys: async () => undefined };
    await expect(verifyRequest(await signed(), nobody)).rejects.toThrow(refused('unknown-key'));
  });

  it('holds for five minutes on either side', async () => {
    for (const signedAt of [minutes(-5), minutes(5)]) {
      expect(await verifyRequest(await signed({ signedAt }), parts)).toMatchObject({ key });
    }
    await expect(verifyRequest(await signed({ signedAt: minutes(-6) }), parts)).rejects.toThrow(
      refused('expired'),
    );
    await expect(verifyRequest(await signed({ signedAt: minutes(6) }), parts)).rejects.toThrow(
      refused('not-yet-valid'),
    );
  });

  it('must be for one of the services of the door', async () => {
    await expect(verifyRequest(await signed({ service: 's3' }), parts)).rejects.toThrow(
      refused('other-service'),
    );
    expect(
      await verifyRequest({ ...(await signed({ service: 'ebs' })), services: ['ebs'] }, parts),
    ).toMatchObject({ key });
  });

  it('may leave the body unsigned only where the door allows it', async () => {
    const request = await signed({ headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } });
    await expect(verifyRequest(request, parts)).rejects.toThrow(refused('mismatch'));
    expect(await verifyRequest({ ...request, unsignedPayloadAllowed: true }, parts)).toMatchObject({ key });
  });

  it.each([
    'Basic dXNlcjpwYXNz',
    'AWS4-HMAC-SHA256',
    'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=00',
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/ec2/aws4_request, Signature=00',
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20250101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=00',
  ])('is malformed as %s', async (authorization) => {
    const request = await signed();
    const headers = { ...request.headers, authorization };
    await expect(verifyRequest({ ...request, headers }, parts)).rejects.toThrow(refused('malformed'));
  });

  it('is required', async () => {
    const { authorization, ...headers } = (await signed()).headers;
    await expect(verifyRequest({ ...(await signed()), headers }, parts)).rejects.toThrow(refused('missing'));
  });
});

describe('a presigned request', () => {
  const options = { method: 'GET', body: '', query: { Action: 'DescribeImages', 'Owner.1': 'self' } };

  it('is verified from its query, as GET and as POST', async () => {
    expect(await verifyRequest(await presigned(options), parts)).toMatchObject({ key });
    expect(
      await verifyRequest(await presigned({ ...options, method: 'POST', body: 'x=y' }), parts),
    ).toMatchObject({ key });
  });

  it('expires when it says', async () => {
    const request = await presigned({ ...options, signedAt: minutes(-30), expiresIn: 31 * 60 });
    expect(await verifyRequest(request, parts)).toMatchObject({ key });
    await expect(verifyRequest(request, { ...parts, clock: () => minutes(2) })).rejects.toThrow(
      refused('expired'),
    );
    await expect(verifyRequest(await presigned({ ...options, signedAt: minutes(6) }), parts)).rejects.toThrow(
      refused('not-yet-valid'),
    );
  });

  it('is refused where its query was changed', async () => {
    const request = await presigned(options);
    for (const [from, to] of [
      ['Owner.1=self', 'Owner.1=amazon'],
      ['X-Amz-Expires=60', 'X-Amz-Expires=61'],
      ['us-east-1', 'eu-west-1'],
    ] as const) {
      const changed = { ...request, url: request.url.replace(from, to) };
      await expect(verifyRequest(changed, parts)).rejects.toThrow(refused('mismatch'));
    }
    const long = { ...request, url: request.url.replace('X-Amz-Expires=60', 'X-Amz-Expires=604801') };
    await expect(verifyRequest(long, parts)).rejects.toThrow(refused('malformed'));
  });
});

describe('derived signing keys', () => {
  const scope = { day: '20260102', region: 'us-east-1', service: 'ec2' };

  it('are kept, but not beyond the limit nor past a new secret', () => {
    const keys = createSigningKeys(2);
    const first = keys.derive(key, scope);
    expect(keys.derive(key, scope)).toBe(first);
    const renewed = keys.derive({ ...key, secretAccessKey: 'new' }, scope);
    expect(renewed.equals(first)).toBe(false);
    for (const region of ['a', 'b']) keys.derive(key, { ...scope, region });
    const again = keys.derive(key, scope);
    expect(again).not.toBe(first);
    expect(again.equals(first)).toBe(true);
  });
});
