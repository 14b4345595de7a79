/** Refusals as RFC 9457 has them. A code stays what it is; titles and details are words for people. */
import { randomUUID } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { FactoryError } from '../factory/factory-error.ts';
import type { Log } from '../platform/log.ts';

export const problems = {
  invalid: { status: 400, title: 'What was given breaks a rule' },
  unauthenticated: { status: 401, title: 'The token is missing, unknown or expired' },
  forbidden: { status: 403, title: "The token's role may not do this" },
  'not-found': { status: 404, title: 'There is no such thing' },
  'no-such-route': { status: 404, title: 'There is no such route' },
  'method-not-allowed': { status: 405, title: 'The route does not take this method' },
  conflict: { status: 409, title: 'Something is in the way' },
  'in-progress': { status: 409, title: 'The first request with this Idempotency-Key is not answered yet' },
  'outcome-unknown': { status: 409, title: 'The server ended before it answered this Idempotency-Key' },
  'answer-withheld': { status: 409, title: 'It was done before, and its answer held a secret' },
  'too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is not JSON' },
  'key-reused': { status: 422, title: 'The Idempotency-Key belongs to another request' },
  internal: { status: 500, title: 'The server failed' },
  target: { status: 502, title: 'The target refused or does not answer' },
} as const;

export type ProblemCode = keyof typeof problems;

/** One mistake in what was given. `pointer` is a JSON pointer into the body, as a URI fragment. */
export interface Mistake {
  readonly detail: string;
  readonly pointer?: string;
  /** Or of the query, the path or a header. */
  readonly parameter?: string;
}

export const problemSchema = z
  .object({
    type: z.string().describe('`urn:ingot:problem:` and the code'),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]).describe('For programs: it stays'),
    detail: z.string().describe('What was given, the rule, and the way out'),
    request_id: z.string().describe('As in the header X-Request-Id and in the server’s log'),
    errors: z
      .array(
        z.object({ detail: z.string(), pointer: z.string().optional(), parameter: z.string().optional() }),
      )
      .optional()
      .describe('Each mistake in what was given'),
  })
  .openapi('Problem');

export type Problem = z.output<typeof problemSchema>;

export const problemType = 'application/problem+json';

/** A refusal of the API itself; the factory's are `FactoryError`s. */
export class RequestProblem extends Error {
  readonly code: ProblemCode;
  readonly mistakes: readonly Mistake[];
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: ProblemCode,
    detail: string,
    options: {
      readonly mistakes?: readonly Mistake[];
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(detail);
    this.name = 'RequestProblem';
    this.code = code;
    this.mistakes = options.mistakes ?? [];
    this.headers = options.headers ?? {};
  }
}

/** For `onError`: every error as a problem. What nobody expected is logged here, once. */
export function answerProblem(error: Error, c: Context, log: Log): Response {
  const { code, mistakes, headers, message } = toProblem(error);
  // What is asked beside the API's path has got none.
  const requestId: string = c.get('requestId') ?? randomUUID();
  if (code === 'internal') {
    const request = { requestId, method: c.req.method, path: c.req.path };
    log.error({ err: error, ...request }, 'A request failed unexpectedly');
  }
  const { status, title } = problems[code];
  const body = {
    type: `urn:ingot:problem:${code}`,
    title,
    status,
    code,
    detail: message,
    request_id: requestId,
    ...(mistakes.length === 0 ? {} : { errors: mistakes }),
  };
  return c.json(body, status, { ...headers, 'content-type': problemType, 'x-request-id': requestId });
}

function toProblem(error: Error): RequestProblem {
  if (error instanceof RequestProblem) return error;
  if (error instanceof FactoryError) return new RequestProblem(error.kind, error.message);
  if (error instanceof HTTPException) return ofHttp(error);
  // The AWS SDK's: what a target answered, in its own code and words.
  if ('$fault' in error) return new RequestProblem('target', `${error.name}: ${error.message}`);
  // Whoever has a token may know the whole chain.
  return new RequestProblem('internal', withCauses(error));
}

/** What the libraries under the routes throw. */
function ofHttp(error: HTTPException): RequestProblem {
  switch (error.status) {
    case 400:
      return new RequestProblem('invalid', error.message || 'The body is not JSON');
    case 401:
      return new RequestProblem('unauthenticated', 'Give a token: authorization: Bearer …');
    case 413:
      return new RequestProblem('too-large', 'The body is too large');
    case 415:
      return new RequestProblem('unsupported-media-type', 'Send JSON, with content-type: application/json');
    default:
      return new RequestProblem('internal', error.message);
  }
}

function withCauses(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${withCauses(error.cause)}` : error.message;
}
