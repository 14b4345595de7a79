/** A shell on a machine that has been reached before; tried again for a while when it answers no more. */
import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionLost, type RemoteShell, ShellProblem } from '../ssh/remote-shell.ts';
import type { BuildContext, ReachedMachine } from './build.ts';
import type { BuildParts } from './parts.ts';
import { readKey } from './steps/open-access.ts';

export interface MachinePlace {
  readonly at: ReachedMachine;
  readonly keyFile: string;
}

const patienceMs = 5 * 60_000;
const retryMs = 500;
const mostLosses = 5;

/** A shared one. */
export async function openShell(
  parts: Pick<BuildParts, 'shells'>,
  { signal }: Pick<BuildContext, 'signal'>,
  { at, keyFile }: MachinePlace,
  givenMs = patienceMs,
): Promise<RemoteShell> {
  const privateKey = await readKey({ keyFile });
  const deadline = performance.now() + givenMs;
  for (;;) {
    try {
      return await parts.shells.get(at, privateKey, signal);
    } catch (error) {
      signal.throwIfAborted();
      const over =
        performance.now() > deadline || (error instanceof ShellProblem && error.check === 'host-key');
      if (over) throw error;
      await delay(retryMs, undefined, { signal });
    }
  }
}

/** Work that may be done again: where the connection is lost in the middle of it, it is. */
export async function withShell<T>(
  parts: Pick<BuildParts, 'shells'>,
  context: Pick<BuildContext, 'signal'>,
  place: MachinePlace,
  work: (shell: RemoteShell) => Promise<T>,
): Promise<T> {
  for (let losses = 0; ; losses += 1) {
    try {
      return await work(await openShell(parts, context, place));
    } catch (error) {
      if (!(error instanceof ConnectionLost) || losses >= mostLosses) throw error;
    }
  }
}
