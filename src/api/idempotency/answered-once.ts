/**
 * A POST with an Idempotency-Key is done once: who asks again with the same key and the same request is given the
 * first answer. Kept are answers to what was done; a refusal did nothing, so its key can be tried again.
 */
import { createHash } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Access } from '../access/access.ts';
import { RequestProblem } from '../problem.ts';
import { claimKey, freeKey, type KeyedRequest, keepAnswer } from './answers.ts';

export const keyHeader = 'Idempotency-Key';
/** Says that an answer is one given before. */
export const replayedHeader = 'Idempotency-Replayed';

export function answeredOnce(access: Access): MiddlewareHandler {
  return async (c, next) => {
    const key = c.req.header(keyHeader);
    if (key === undefined || c.req.method !== 'POST') return await next();
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new RequestProblem(
        'invalid',
        `${keyHeader}: must be 1 to 255 visible ASCII characters, such as a UUID`,
      );
    }
    const claim = { caller: c.get('caller').name, key, request: await digestOf(c) };
    const claimed = await claimKey(access, claim);
    switch (claimed.state) {
      case 'first':
        await next();
        return await keepWhatWasDone(access, claim, c.res);
      case 'answered': {
        const { status, body } = claimed.answer;
        const headers = { 'content-type': 'application/json', [replayedHeader]: 'true' };
        return c.body(body, status as ContentfulStatusCode, headers);
      }
      case 'running':
        throw new RequestProblem(
          'in-progress',
          `The request with the key '${key}' is still running: ask again later`,
          {
            headers: { 'retry-after': '1' },
          },
        );
      case 'withheld':
        throw new RequestProblem(
          'answer-withheld',
          `The request with the key '${key}' was done; its answer held what is shown only once`,
        );
      case 'lost':
        throw new RequestProblem(
          'outcome-unknown',
          `The server ended while the request with the key '${key}' ran: look whether it was done, and use a new key`,
        );
      case 'other-request':
        throw new RequestProblem(
          'key-reused',
          `The key '${key}' came with another request before: use a new one`,
        );
    }
  };
}

async function keepWhatWasDone(access: Access, claim: KeyedRequest, response: Response): Promise<void> {
  if (!response.ok) return await freeKey(access, claim);
  const isKept =
    response.headers.get('content-type') === 'application/json' &&
    response.headers.get('cache-control') !== 'no-store';
  const answer = isKept ? { status: response.status, body: await response.clone().text() } : undefined;
  await keepAnswer(access, claim, answer);
}

async function digestOf(c: Context): Promise<string> {
  const { pathname, search } = new URL(c.req.url);
  return createHash('sha256')
    .update(`${c.req.method} ${pathname}${search}\n`)
    .update(await c.req.text())
    .digest('hex');
}
