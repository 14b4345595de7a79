/** One question over HTTP or HTTPS, as a browser would ask it: redirects are followed. */
import type { IncomingMessage } from 'node:http';
import type { Readiness } from '../templates/template.ts';

export type HttpQuestion = NonNullable<Readiness['http']>;

/** Where a port of the machine is reached from here. */
export type Reach = (port: number) => Promise<{ readonly host: string; readonly port: number }>;

const timeoutMs = 15_000;
const mostRedirects = 5;
const mostBytes = 1024 * 1024;

/** Undefined where the answer is as it must be; else what is wrong with it. */
export async function askHttp(
  question: HttpQuestion,
  machine: { readonly address: string; readonly reach: Reach },
  signal: AbortSignal,
): Promise<string | undefined> {
  let url = urlOf(question, machine.address);
  for (let redirects = 0; ; redirects += 1) {
    const shown = url.href;
    const answer = await ask(await reached(url, machine), question.insecure, signal).catch(
      (error: unknown) => {
        signal.throwIfAborted();
        return error as Error;
      },
    );
    if (answer instanceof Error) return `${shown} does not answer: ${reasonOf(answer)}`;
    const { status, location, body } = answer;
    if (status === question.status) return contentProblem(question, shown, body);
    if (location === undefined || redirects === mostRedirects) {
      return `${shown} answers with status ${status}, not ${question.status}`;
    }
    url = new URL(location, url);
  }
}

/** True where the question goes to the machine itself, and to no name that stands for something else. */
export function asksTheMachine({ url }: HttpQuestion): boolean {
  return url === undefined || url.includes('{address}');
}

/** The port of the machine that the question goes to; undefined where it goes elsewhere. */
export function askedPort(question: HttpQuestion): number | undefined {
  return asksTheMachine(question) ? portOf(urlOf(question, '127.0.0.1')) : undefined;
}

function urlOf(question: HttpQuestion, address: string): URL {
  return new URL(urlPattern(question).replaceAll('{address}', address));
}

/** `{address}` stands for the machine's. */
export function urlPattern({ url, port, path }: HttpQuestion): string {
  return url ?? `${port === 443 ? 'https' : 'http'}://{address}:${port}${path}`;
}

interface Question {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
}

async function reached(
  url: URL,
  { address, reach }: { readonly address: string; readonly reach: Reach },
): Promise<Question> {
  const port = portOf(url);
  if (url.hostname !== address) return { url, host: url.hostname, port };
  return { url, ...(await reach(port)) };
}

function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

async function ask({ url, host, port }: Question, insecure: boolean, signal: AbortSignal): Promise<Answer> {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request(
    {
      host,
      port,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, 'user-agent': 'ingot', accept: '*/*' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      rejectUnauthorized: !insecure,
      agent: false,
    },
    resolve,
  );
  sent.on('error', reject).end();
  const message = await promise;
  return {
    status: message.statusCode ?? 0,
    location: message.headers.location,
    body: await beginningOf(message),
  };
}

async function beginningOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= mostBytes) break;
  }
  return Buffer.concat(chunks).toString();
}

function contentProblem({ contains }: HttpQuestion, url: string, body: string): string | undefined {
  const text = body.toLowerCase();
  if (contains.length === 0 || contains.some((each) => text.includes(each.toLowerCase()))) return undefined;
  return `${url} answers, but nothing in it says ${contains.map((each) => `'${each}'`).join(' or ')}`;
}

const certificateCodes = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

function reasonOf(error: Error & { readonly code?: string }): string {
  if (error.name === 'TimeoutError' || error.code === 'ABORT_ERR')
    return `nothing within ${timeoutMs / 1000} s`;
  if (!certificateCodes.includes(error.code ?? '')) return error.message || (error.code ?? error.name);
  return 'nobody vouches for its certificate (readiness.http.insecure: true accepts it)';
}
