/** The machine of a proof becomes ready, by what is asked of the machine itself. */
import type { ProofContext } from '../builds/build.ts';
import type { BuildParts } from '../builds/parts.ts';
import { awaitMachine } from '../builds/steps/await-machine.ts';
import type { Readiness } from '../templates/template.ts';
import { asksTheMachine } from './ask-http.ts';
import { askMachine } from './ask-machine.ts';
import { awaitReady } from './await-ready.ts';

type Asked = Pick<Readiness, 'http' | 'tcp' | 'command'>;

/** Undefined where all that it asks goes to another address than the machine's. */
export function askedOfMachine({ http, tcp, command }: Readiness): Asked | undefined {
  const own = {
    ...(http !== undefined && asksTheMachine(http) ? { http } : {}),
    ...(tcp === undefined ? {} : { tcp }),
    ...(command === undefined ? {} : { command }),
  };
  return Object.keys(own).length === 0 ? undefined : own;
}

/** Answers how many attempts it took. Throws with the last problem where it never is. */
export async function proveReadiness(
  parts: BuildParts,
  context: ProofContext,
  readiness: Readiness,
  asked: Asked,
): Promise<number> {
  const { input, signal } = context;
  const target = await parts.targets.get(input.target);
  const { instanceId } = context.result('proof machine');
  const access = context.result('proof access');
  const at = await awaitMachine(parts, context, context.result('proof machine'), access);
  const machine = { target, region: input.region, instanceId, place: { at, keyFile: access.keyFile } };
  return await awaitReady(
    { ...readiness, delayMs: 0 },
    {
      made: 0,
      since: parts.now().getTime(),
      now: () => parts.now().getTime(),
      ask: () => askMachine(parts, asked, machine, signal),
      onAttempt: async (attempt, problem) => {
        if (problem === undefined) return;
        context.tell({ type: 'waiting', check: 'readiness', text: `attempt ${attempt}: ${problem}` });
      },
      signal,
    },
  );
}
