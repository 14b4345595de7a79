/**
 * Who may name files of the server's machine. What can't be read as a template is told with what stands in it, and a
 * viewer shall not read the server's secrets that way; an operator runs what they like there anyway.
 */
import type { Context } from 'hono';
import { RequestProblem } from '../problem.ts';
import { type Caller, mayActAs } from './roles.ts';

/** The folder of whoever asks. A viewer's doesn't count: every command sends the one that it is called in. */
export function ownFolder(c: Context, from: string | undefined): string | undefined {
  return mayNameFiles(c) ? from : undefined;
}

export function refuseFile(c: Context, template: string): void {
  if (mayNameFiles(c) || /^[\w-]+$/.test(template)) return;
  throw new RequestProblem(
    'forbidden',
    `'${template}' is no slug, and only an operator may name files of the server's machine`,
  );
}

/** Without a server there is no caller: it is the person's own machine. */
function mayNameFiles(c: Context): boolean {
  const caller: Caller | undefined = c.get('caller');
  return caller === undefined || mayActAs(caller, 'operator');
}
