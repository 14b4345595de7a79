import { SignatureRefused } from './refusal.ts';
import type { Query } from './signature.ts';

/** Splits a URL as received into its path and its decoded query; a name given twice has both values. */
export function readQuery(url: string): readonly [path: string, query: Query] {
  const mark = url.indexOf('?');
  if (mark < 0) return [url, {}];
  const query: Record<string, string | string[]> = Object.create(null);
  for (const pair of url.slice(mark + 1).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1));
    const known = query[name];
    if (known === undefined) query[name] = value;
    else if (typeof known === 'string') query[name] = [known, value];
    else known.push(value);
  }
  return [url.slice(0, mark), query];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new SignatureRefused('malformed', 'The query string is not percent-encoded UTF-8');
  }
}
