/** AWS Signature Version 4, verified: in the Authorization header or presigned in the query. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AccessKey, KeyLookup } from '../types.ts';
import { canonicalRequest } from './canonical-request.ts';
import { readQuery } from './query.ts';
import { SignatureRefused } from './refusal.ts';
import { type ClaimedSignature, readSignature } from './signature.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface SignedRequest {
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** The services that the scope may name: ['ec2', 'sts'], ['ebs']. */
  readonly services: readonly string[];
  /** EBS direct sends blocks with `x-amz-content-sha256: UNSIGNED-PAYLOAD`; EC2 and STS always sign the body. */
  readonly unsignedPayloadAllowed?: boolean;
}

export interface VerifierParts {
  readonly keys: KeyLookup;
  readonly signingKeys: SigningKeys;
  readonly clock: () => Date;
}

export interface Verified {
  readonly key: AccessKey;
  readonly region: string;
  readonly service: string;
}

const maxSkewMs = 5 * 60_000;
const unsignedPayload = 'UNSIGNED-PAYLOAD';

/** Throws SignatureRefused, whose kind says why. */
export async function verifyRequest(request: SignedRequest, parts: VerifierParts): Promise<Verified> {
  const [path, query] = readQuery(request.url);
  const claimed = readSignature(request.headers, query);
  const { region, service } = claimed.scope;
  if (!request.services.includes(service)) {
    throw new SignatureRefused(
      'other-service',
      `the credential should be scoped to ${listed(request.services)}`,
      service,
    );
  }
  checkTime(claimed, parts.clock().getTime());
  const key = await parts.keys(claimed.accessKeyId);
  if (!key) throw new SignatureRefused('unknown-key', 'No such access key', service);
  const payloadHash = hashPayload(request);
  const canonical =
    payloadHash &&
    canonicalRequest({ ...request, path, query, signedHeaders: claimed.signedHeaders, payloadHash });
  if (
    !canonical ||
    !matches(sign(canonical, claimed, parts.signingKeys.derive(key, claimed.scope)), claimed)
  ) {
    throw new SignatureRefused('mismatch', 'The signature does not match the request', service);
  }
  return { key, region, service };
}

function checkTime({ time, expiresInS, scope }: ClaimedSignature, nowMs: number): void {
  const signedMs = Date.parse(time.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const validMs = expiresInS === undefined ? maxSkewMs : expiresInS * 1_000;
  if (!(nowMs <= signedMs + validMs))
    throw new SignatureRefused('expired', `Signed at ${time}`, scope.service);
  if (nowMs < signedMs - maxSkewMs)
    throw new SignatureRefused('not-yet-valid', `Signed at ${time}`, scope.service);
}

/** Undefined where the header's hash isn't the body's. */
function hashPayload({ headers, body, unsignedPayloadAllowed }: SignedRequest): string | undefined {
  const stated = headers['x-amz-content-sha256'];
  if (stated === unsignedPayload && unsignedPayloadAllowed) return unsignedPayload;
  const actual = createHash('sha256').update(body).digest('hex');
  return stated === undefined || stated === actual ? actual : undefined;
}

function sign(canonical: string, { time, scope }: ClaimedSignature, key: Buffer): Buffer {
  const hashed = createHash('sha256').update(canonical).digest('hex');
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope.day}/${scope.region}/${scope.service}/aws4_request\n${hashed}`;
  return createHmac('sha256', key).update(toSign).digest();
}

function matches(expected: Buffer, { signature }: ClaimedSignature): boolean {
  const given = Buffer.from(/^[0-9a-f]{64}$/.test(signature) ? signature : '', 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function listed(services: readonly string[]): string {
  return services.map((service) => `'${service}'`).join(' or ');
}
