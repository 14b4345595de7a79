/** The typed client of the server's admin door. */
import type { ClientResponse } from 'hono/client';
import { hc } from 'hono/client';
import type { AdminApp } from '../server/admin-app.ts';
import type { Context } from './context.ts';
import { CliError, exitCodes } from './errors.ts';

export function adminClient(context: Pick<Context, 'url' | 'token'>) {
  return hc<AdminApp>(context.url, { headers: { authorization: `Bearer ${context.token}` } }).admin.v1;
}

/** What the door answered; its refusals become errors in its words. */
export async function answered<T>(request: Promise<ClientResponse<T>>, url: string): Promise<T> {
  const response = await request.catch((cause: unknown) => {
    throw new CliError(`The Ingot server at ${url} does not answer`, { cause, exitCode: exitCodes.noServer });
  });
  if (response.ok) return (await response.json()) as T;
  if (response.status === 401) throw new CliError(`The server at ${url} refuses this token (INGOT_TOKEN)`);
  const body = (await response.json().catch(() => ({}))) as { readonly message?: string };
  throw new CliError(body.message ?? `The server at ${url} answered ${response.status}`);
}
