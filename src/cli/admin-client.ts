/** The typed client of the server's admin door. */
import type { ClientResponse } from 'hono/client';
import { hc } from 'hono/client';
import type { Problem } from '../api/problem.ts';
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
  throw await refusalOf(response, url);
}

/** What a door refused, in its words; its code decides the exit code. */
export async function refusalOf(response: Pick<Response, 'status' | 'json'>, url: string): Promise<CliError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  if (response.status === 401) {
    const why = problem.detail === undefined ? '' : `: ${problem.detail}`;
    return new CliError(`The server at ${url} refuses this token (INGOT_TOKEN)${why}`);
  }
  const exitCode = problem.code === 'not-found' ? exitCodes.notFound : exitCodes.failed;
  return new CliError(problem.detail ?? `The server at ${url} answered ${response.status}`, { exitCode });
}
