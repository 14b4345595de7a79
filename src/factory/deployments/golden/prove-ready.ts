/** The proof's machine must become ready too, where nothing but the image decides that. */

import { awaitMachine } from '../../builds/steps/await-machine.ts';
import { asksTheMachine } from '../../readiness/ask-http.ts';
import { askMachine } from '../../readiness/ask-machine.ts';
import { awaitReady } from '../../readiness/await-ready.ts';
import type { Readiness } from '../../templates/template.ts';
import type { DeploymentParts } from '../parts.ts';
import type { GoldenContext } from './golden-input.ts';
import { sayCreation } from './say-creation.ts';

export async function proveReady(parts: DeploymentParts, context: GoldenContext): Promise<null> {
  const { input, signal } = context;
  const asked = askedOf(input.template.readiness);
  if (input.app.hasFirstBoot || asked === undefined) {
    const why = input.app.hasFirstBoot ? 'it needs the first boot’s steps' : 'it asks elsewhere';
    sayCreation(parts, input.deploymentId, `It boots; its readiness is not asked: ${why}`);
    return null;
  }
  const target = await parts.targets.get(input.target);
  const { instanceId } = context.result('proof machine');
  const access = context.result('proof access');
  const at = await awaitMachine(parts, context, context.result('proof machine'), access);
  const machine = { target, region: input.region, instanceId, place: { at, keyFile: access.keyFile } };
  const began = parts.now().getTime();
  await awaitReady(
    { ...input.template.readiness, delayMs: 0 },
    {
      made: 0,
      since: began,
      now: () => parts.now().getTime(),
      ask: () => askMachine(parts, asked, machine, signal),
      onAttempt: async () => undefined,
      signal,
    },
  );
  sayCreation(parts, input.deploymentId, 'It boots and becomes ready');
  return null;
}

/** Without what goes to another address than the machine's. */
function askedOf({ http, tcp, command }: Readiness): Pick<Readiness, 'http' | 'tcp' | 'command'> | undefined {
  const own = {
    ...(http !== undefined && asksTheMachine(http) ? { http } : {}),
    ...(tcp === undefined ? {} : { tcp }),
    ...(command === undefined ? {} : { command }),
  };
  return Object.keys(own).length === 0 ? undefined : own;
}
