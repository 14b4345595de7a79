/** At the doors: who calls, and whether their role may do what they ask. */
import { timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { RequestProblem } from '../problem.ts';
import type { Access } from './access.ts';
import { type Caller, mayActAs, type Role } from './roles.ts';
import { digestOf, findToken, homeName } from './tokens.ts';

declare module 'hono' {
  interface ContextVariableMap {
    caller: Caller;
  }
}

/** Sets `caller`, or refuses. Loopback opens nothing by itself: every guest reaches it through its gateway. */
export function authenticated(access: Access): MiddlewareHandler {
  return async (c, next) => {
    const [, secret] = /^Bearer +([\w~+/.-]+=*) *$/i.exec(c.req.header('authorization') ?? '') ?? [];
    if (secret === undefined) throw unauthenticated('Give a token: authorization: Bearer …');
    c.set('caller', await callerOf(access, secret));
    await next();
  };
}

export function permitted(neededFor: (c: Context) => Role): MiddlewareHandler {
  return async (c, next) => {
    const caller = c.get('caller');
    const needed = neededFor(c);
    if (!mayActAs(caller, needed)) {
      const detail = `The token '${caller.name}' has the role ${caller.role}, and this needs ${needed}`;
      throw new RequestProblem('forbidden', `${detail}: an admin gives one with ingot token add`);
    }
    await next();
  };
}

async function callerOf(access: Access, secret: string): Promise<Caller> {
  if (isSame(secret, access.homeToken)) return { name: homeName, role: 'admin' };
  const token = await findToken(access, secret);
  if (token === undefined)
    throw unauthenticated('This token is unknown here: it was removed, or is of another home');
  const { name, role, expiresAt } = token;
  if (expiresAt !== undefined && Date.parse(expiresAt) <= access.now().getTime()) {
    throw unauthenticated(`The token '${name}' expired at ${expiresAt}`);
  }
  return { name, role };
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(digestOf(one)), Buffer.from(digestOf(other)));
}

function unauthenticated(detail: string): RequestProblem {
  return new RequestProblem('unauthenticated', detail, { headers: { 'www-authenticate': 'Bearer' } });
}
