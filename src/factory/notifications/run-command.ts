import { spawn } from 'node:child_process';
import type { Message } from './receiver.ts';

const deadlineMs = 60_000;
const errorBytes = 2000;

/** Hands the notice to a program's standard input; the message's id and event are its last arguments. */
export async function runCommand(
  [program = '', ...given]: readonly string[],
  { id, event, body }: Message,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(program, [...given, event, id], {
    stdio: ['pipe', 'ignore', 'pipe'],
    signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-errorBytes);
  });
  child.once('error', reject);
  child.once('close', (code) => {
    if (code === 0) resolve();
    else
      reject(
        new Error(`${program} ended with ${code ?? 'a signal'}${said === '' ? '' : `: ${said.trim()}`}`),
      );
  });
  // A program that doesn't read is no error.
  child.stdin.on('error', () => undefined);
  child.stdin.end(body);
  await promise;
}
