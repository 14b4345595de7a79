/** The typed client of the factory's API. */
import type { ClientResponse } from 'hono/client';
import { hc } from 'hono/client';
import type { ApiApp } from '../api/app.ts';
import { keyHeaders } from '../api/caller-keys.ts';
import { answered } from './admin-client.ts';
import type { Context } from './context.ts';

/** `fetch`: who answers, where it isn't the server at the context's address. */
export function apiClient(
  { url, token, givenKeys }: Pick<Context, 'url' | 'token' | 'givenKeys'>,
  fetch?: typeof globalThis.fetch,
) {
  const keys =
    givenKeys === undefined
      ? {}
      : { [keyHeaders.id]: givenKeys.accessKeyId, [keyHeaders.secret]: givenKeys.secretAccessKey };
  const headers = { authorization: `Bearer ${token}`, ...keys };
  return hc<ApiApp>(url, { headers, ...(fetch === undefined ? {} : { fetch }) }).api.v1;
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
