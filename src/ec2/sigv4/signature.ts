/** What a request claims about its signature, from the Authorization header or from a presigned query. */
import type { IncomingHttpHeaders } from 'node:http';
import { SignatureRefused } from './refusal.ts';

export interface Scope {
  /** '20161115' */
  readonly day: string;
  readonly region: string;
  readonly service: string;
}

export interface ClaimedSignature {
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** As signed: '20161115T203000Z'. */
  readonly time: string;
  /** Seconds that a presigned request stays valid; absent for a signed header. */
  readonly expiresInS?: number;
}

export type Query = Readonly<Record<string, string | string[]>>;

const algorithm = 'AWS4-HMAC-SHA256';
const maxExpiresInS = 7 * 24 * 3600;

/** Throws SignatureRefused 'missing' or 'malformed'. */
export function readSignature(headers: IncomingHttpHeaders, query: Query): ClaimedSignature {
  if (headers.authorization !== undefined) return fromHeader(headers.authorization, headers);
  if (query['X-Amz-Algorithm'] !== undefined || query['X-Amz-Signature'] !== undefined)
    return fromQuery(query);
  throw new SignatureRefused(
    'missing',
    'The request has neither an Authorization header nor X-Amz-Signature',
  );
}

function fromHeader(authorization: string, headers: IncomingHttpHeaders): ClaimedSignature {
  const [scheme, ...rest] = authorization.trim().split(' ');
  if (scheme !== algorithm) throw malformed(`Authorization must begin with ${algorithm}`);
  const fields = new Map(rest.join('').split(',').map(nameAndValue));
  const time = headers['x-amz-date'] ?? headers.date;
  return claim({
    credential: fields.get('Credential'),
    signedHeaders: fields.get('SignedHeaders'),
    signature: fields.get('Signature'),
    time: typeof time === 'string' ? basicTime(time) : undefined,
  });
}

function fromQuery(query: Query): ClaimedSignature {
  if (query['X-Amz-Algorithm'] !== algorithm) throw malformed(`X-Amz-Algorithm must be ${algorithm}`);
  const expiresInS = Number(query['X-Amz-Expires']);
  if (!(Number.isInteger(expiresInS) && expiresInS > 0 && expiresInS <= maxExpiresInS)) {
    throw malformed('X-Amz-Expires must be between 1 and 604800 seconds');
  }
  const claimed = claim({
    credential: query['X-Amz-Credential'],
    signedHeaders: query['X-Amz-SignedHeaders'],
    signature: query['X-Amz-Signature'],
    time: query['X-Amz-Date'],
  });
  return { ...claimed, expiresInS };
}

type Field = string | string[] | undefined;

function claim(
  fields: Record<'credential' | 'signedHeaders' | 'signature' | 'time', Field>,
): ClaimedSignature {
  const [accessKeyId, day, region, service, terminator, ...more] = text(
    'Credential',
    fields.credential,
  ).split('/');
  if (!accessKeyId || !day || !region || !service || terminator !== 'aws4_request' || more.length > 0) {
    throw malformed('Credential must be <access key>/<day>/<region>/<service>/aws4_request');
  }
  const time = text('X-Amz-Date', fields.time);
  if (!/^\d{8}T\d{6}Z$/.test(time)) throw malformed('X-Amz-Date must look like 20161115T203000Z');
  if (!time.startsWith(day)) throw malformed('The day of the credential scope must be that of X-Amz-Date');
  const signedHeaders = text('SignedHeaders', fields.signedHeaders).split(';');
  if (!signedHeaders.includes('host')) throw malformed('SignedHeaders must include host');
  const signature = text('Signature', fields.signature);
  return { accessKeyId, scope: { day, region, service }, signedHeaders, signature, time };
}

function text(name: string, field: Field): string {
  if (typeof field !== 'string' || field === '') throw malformed(`${name} is missing`);
  return field;
}

function nameAndValue(field: string): readonly [string, string] {
  const equals = field.indexOf('=');
  return [field.slice(0, equals), field.slice(equals + 1)];
}

/** A `Date` header says the same time in another spelling. */
function basicTime(time: string): string {
  if (/^\d{8}T\d{6}Z$/.test(time)) return time;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function malformed(message: string): SignatureRefused {
  return new SignatureRefused('malformed', message);
}
