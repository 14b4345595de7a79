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

/** The entries of a list that has pages, at most `most`; `ask` is given what the next page's query needs. */
export async function allPages<Body extends { readonly next_page_token: string | null }, Entry>(
  ask: (page: { readonly limit: string; readonly page_token?: string }) => Promise<Body>,
  entriesOf: (body: Body) => readonly Entry[],
  most = Number.POSITIVE_INFINITY,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  let token: string | null | undefined;
  do {
    const limit = String(Math.min(1000, most - entries.length));
    const body = await ask({
      limit,
      ...(token === undefined || token === null ? {} : { page_token: token }),
    });
    entries.push(...entriesOf(body));
    token = body.next_page_token;
    // An older server's lists have no pages.
  } while (typeof token === 'string' && entries.length < most);
  return entries;
}
