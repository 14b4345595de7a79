/**
 * The text that both sides sign. @smithy/signature-v4 makes the canonical headers and query. Its signer
 * cannot verify: it chooses the headers, the date and the expiry itself, where a verifier must take the
 * client's. So the frame around them, and the HMACs (synchronous, with keys we cache), are ours.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { getCanonicalHeaders, getCanonicalQuery } from '@smithy/signature-v4';
import type { Query } from './signature.ts';

export interface CanonicalParts {
  readonly method: string;
  /** As received, still percent-encoded. */
  readonly path: string;
  readonly query: Query;
  readonly headers: IncomingHttpHeaders;
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
}

/** Undefined where a signed header is not in the request. */
export function canonicalRequest(parts: CanonicalParts): string | undefined {
  const headers: Record<string, string> = {};
  for (const name of parts.signedHeaders) {
    const value = Object.hasOwn(parts.headers, name) ? parts.headers[name] : undefined;
    if (value === undefined) return undefined;
    headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  const request = {
    method: parts.method,
    protocol: 'http:',
    hostname: '',
    path: parts.path,
    query: { ...parts.query },
    headers,
  };
  const canonical = getCanonicalHeaders(request, undefined, new Set(parts.signedHeaders));
  const names = Object.keys(canonical).sort();
  return [
    parts.method,
    canonicalPath(parts.path),
    getCanonicalQuery(request),
    ...names.map((name) => `${name}:${canonical[name]}`),
    '',
    names.join(';'),
    parts.payloadHash,
  ].join('\n');
}

/** Every service but S3 signs the path encoded twice, with empty and dot segments resolved. */
function canonicalPath(path: string): string {
  if (path === '/') return path;
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

function encode(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
