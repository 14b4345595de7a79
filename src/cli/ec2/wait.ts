/** Looks again until a machine is where it is wanted. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type Machine, refreshMachine } from './find-instance.ts';

const intervalMs = 150;

/** Throws with the cloud's reason when the machine ends elsewhere, or at the deadline. */
export async function waitForState(
  context: Context,
  machine: Pick<Machine, 'id' | 'region'>,
  wanted: 'running' | 'stopped' | 'terminated',
  options: { readonly deadlineMs: number; readonly onState?: (state: string) => void },
): Promise<Machine> {
  const deadline = Date.now() + options.deadlineMs;
  for (;;) {
    const now = await refreshMachine(context, machine);
    options.onState?.(now.state);
    if (now.state === wanted) return now;
    const { StateReason, StateTransitionReason } = now.instance;
    const ended = now.state === 'terminated' || (wanted === 'running' && now.state === 'stopped');
    if (ended) {
      const reason = StateReason?.Message ?? StateTransitionReason ?? 'no reason is known';
      throw new CliError(`${now.id} is ${now.state}, not ${wanted}: ${reason}`);
    }
    if (Date.now() > deadline) {
      throw new CliError(
        `${now.id} is still ${now.state} after ${options.deadlineMs / 1000} s; ingot console ${now.name || now.id}`,
      );
    }
    await delay(intervalMs);
  }
}
