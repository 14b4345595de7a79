/** From path, query, headers and body to a typed request, by the table; what breaks a rule is a ValidationException. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Tag } from '@aws-sdk/client-ebs';
import { invalid } from './faults.ts';
import type { Member } from './model.ts';
import type { Route } from './route.ts';

export interface EbsRequest {
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export function decodeEbsInput(route: Route, request: EbsRequest): Readonly<Record<string, unknown>> {
  const members = Object.entries(route.model.members);
  const json = members.some(([, { place }]) => place === 'json') ? readJson(request.body) : {};
  const input: Record<string, unknown> = {};
  for (const [name, member] of members) {
    const given = givenValue(route, request, json, name, member);
    if (given === undefined || given === null) {
      if (member.required) throw refuse(name, member, 'must be given');
      continue;
    }
    input[name] = checked(name, member, given);
  }
  return input;
}

function givenValue(
  { labels }: Route,
  { query, headers, body }: EbsRequest,
  json: Readonly<Record<string, unknown>>,
  name: string,
  member: Member,
): unknown {
  const there = member.name ?? name;
  switch (member.place) {
    case 'path':
      return labels.get(name);
    case 'query':
      return query.get(there) ?? undefined;
    case 'header':
      return headers[there.toLowerCase()];
    case 'json':
      return Object.hasOwn(json, there) ? json[there] : undefined;
    case 'body':
      return body;
    default:
      return member.place satisfies never;
  }
}

function readJson(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString() || '{}');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Told below, as what is no object is.
  }
  throw invalid('INVALID_PARAMETER_VALUE', 'The body of the request must be a JSON object');
}

function checked(name: string, member: Member, given: unknown): unknown {
  switch (member.type) {
    case 'bytes':
      return given;
    case 'integer':
      return checkedInteger(name, member, given);
    case 'flag':
      if (typeof given === 'boolean') return given;
      throw refuse(name, member, 'must be true or false');
    case 'text':
      return checkedText(name, member, given);
    case 'tags':
      return checkedTags(name, member, given);
    default:
      return member.type satisfies never;
  }
}

function checkedInteger(name: string, member: Member, given: unknown): number {
  const value = typeof given === 'string' && /^-?\d{1,15}$/.test(given) ? Number(given) : given;
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = member;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw refuse(name, member, `must be a whole number${range(member)}`);
}

function checkedText(name: string, member: Member, given: unknown): string {
  const { min = 0, max = 2048, pattern, allowed } = member;
  if (typeof given !== 'string' || given.length < min || given.length > max) {
    throw refuse(name, member, `must be a text of ${min} to ${max} characters`);
  }
  if (allowed !== undefined && !allowed.includes(given)) {
    throw refuse(name, member, `must be ${allowed.join(' or ')}`);
  }
  if (pattern !== undefined && !pattern.test(given))
    throw refuse(name, member, `must match ${pattern.source}`);
  return given;
}

function checkedTags(name: string, member: Member, given: unknown): readonly Tag[] {
  const isTag = (tag: unknown): tag is Tag =>
    typeof tag === 'object' && tag !== null && Object.values(tag).every((text) => typeof text === 'string');
  if (Array.isArray(given) && given.every(isTag)) return given.map(({ Key, Value }) => ({ Key, Value }));
  throw refuse(name, member, 'must be a list of Key and Value');
}

function range({ min, max }: Member): string {
  if (min === undefined) return '';
  return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
}

function refuse(name: string, { reason }: Member, rule: string): Error {
  return invalid(reason ?? 'INVALID_PARAMETER_VALUE', `${name} ${rule}.`);
}
