/** A shell or a command at the far end, joined to this terminal. Answers with the exit status there. */
import { constants } from 'node:os';
import type { Client, ClientChannel, PseudoTtyOptions } from 'ssh2';
import { exitCodes } from '../errors.ts';
import { terminalType } from './target.ts';

/** This terminal becomes the far one's until the shell ends. */
export async function runShell(client: Client): Promise<number> {
  return await join(await opened((done) => client.shell(terminal(), done)), { pty: true });
}

export async function runCommand(
  client: Client,
  command: string,
  options: { readonly pty: boolean },
): Promise<number> {
  const run = await opened((done) => client.exec(command, options.pty ? { pty: terminal() } : {}, done));
  return await join(run, options);
}

/** Runs a command and hands back what it printed. */
export async function captureCommand(
  client: Client,
  command: string,
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const { channel, ended } = await opened((done) => client.exec(command, done));
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => stdout.push(chunk));
  channel.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  channel.end();
  const status = await ended;
  return { status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** As a shell reads it: one argument is a line as written, several are words, each kept whole. */
export function commandLine(words: readonly string[]): string {
  const [only] = words;
  return words.length === 1 && only !== undefined ? only : words.map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

async function join({ channel, ended }: Run, { pty }: { readonly pty: boolean }): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const resize = () => channel.setWindow(stdout.rows, stdout.columns, 0, 0);
  const raw = pty && stdin.isTTY;
  if (raw) stdin.setRawMode(true);
  if (pty) stdout.on('resize', resize);
  stdin.pipe(channel);
  channel.pipe(stdout, { end: false });
  channel.stderr.pipe(stderr, { end: false });
  try {
    return await ended;
  } finally {
    stdin.unpipe(channel);
    stdin.pause();
    if (raw) stdin.setRawMode(false);
    stdout.off('resize', resize);
  }
}

function terminal(): PseudoTtyOptions {
  return { term: terminalType(), cols: process.stdout.columns ?? 80, rows: process.stdout.rows ?? 24 };
}

interface Run {
  readonly channel: ClientChannel;
  /** The exit status. */
  readonly ended: Promise<number>;
}

/** Listens from the very start: a short command's exit may come in the packet that opens its channel. */
async function opened(
  start: (done: (error: Error | undefined, channel: ClientChannel) => void) => unknown,
): Promise<Run> {
  const { promise, resolve, reject } = Promise.withResolvers<Run>();
  start((error, channel) =>
    error === undefined ? resolve({ channel, ended: endOf(channel) }) : reject(error),
  );
  return await promise;
}

async function endOf(channel: ClientChannel): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let status: number = exitCodes.noConnection;
  channel.on('exit', (code: number | null, signal?: string) => {
    status = code ?? 128 + (signalNumbers[`SIG${signal}`] ?? 0);
  });
  channel.on('close', () => resolve(status));
  return await promise;
}

const signalNumbers: Readonly<Record<string, number>> = constants.signals;
