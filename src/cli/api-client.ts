/** The typed client of the factory's API. */
import type { ClientResponse } from 'hono/client';
import { hc } from 'hono/client';
import type { ApiApp } from '../api/app.ts';
import { answered } from './admin-client.ts';
import type { Context } from './context.ts';

/** `fetch`: who answers, where it isn't the server at the context's address. */
export function apiClient(context: Pick<Context, 'url' | 'token'>, fetch?: typeof globalThis.fetch) {
  const headers = { authorization: `Bearer ${context.token}` };
  return hc<ApiApp>(context.url, { headers, ...(fetch === undefined ? {} : { fetch }) }).api.v1;
}

type Done<R> =
  R extends ClientResponse<infer T, infer Status, string>
    ? Status extends 200 | 201 | 202
      ? T
      : never
    : never;

/** What a route answered where it did what it was asked; its refusals become errors in its words. */
export async function replied<R extends ClientResponse<unknown, number, string>>(
  request: Promise<R>,
  url: string,
): Promise<Done<R>> {
  return (await answered(request as Promise<ClientResponse<unknown>>, url)) as Done<R>;
}
