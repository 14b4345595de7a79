/** Kills a call at each of its steps, and opens the cloud again: what it had promised is done, or nothing is. */
import { atRest } from './at-rest.ts';
import { killSwitch } from './kill-switch.ts';
import { openTestCloud, type TestCloud } from './open-test-cloud.ts';

export interface KilledScenario<Made> {
  readonly name: string;
  /** What is there before; without it, nothing. */
  readonly prepare?: (cloud: TestCloud) => Promise<Made>;
  readonly call: (cloud: TestCloud, made: Made) => Promise<unknown>;
  /** What the client does when the server is back, before anything can rest: nobody else ends what it began. */
  readonly again?: (cloud: TestCloud, made: Made) => Promise<unknown>;
  /** `after` looks at a server that was started once more: only a start looks at once for what nobody owns. */
  readonly restarts?: boolean;
  /** The same call again must find its way, whatever the first one got done. */
  readonly after?: (cloud: TestCloud, made: Made) => Promise<void>;
}

/** Answers the step at which it was too late to kill it. */
export async function killedAtEachStep<Made>(
  scenario: KilledScenario<Made>,
  options: Parameters<typeof openTestCloud>[0] = {},
): Promise<number> {
  for (let step = 1; ; step += 1) {
    const kill = killSwitch();
    let cloud = await openTestCloud({ ...options, node: kill.node, openDatabase: kill.openDatabase });
    const made = (await scenario.prepare?.(cloud)) as Made;
    await atRest(cloud);
    kill.arm(step);
    const first = cloud;
    const called = scenario.call(first, made);
    const ended = called.then(() => atRest(first));
    const killed = await Promise.race([ended.then(() => false), kill.struck.then(() => true)]);
    kill.disarm();
    if (killed) {
      // A dead process comes to no rest.
      ended.catch(() => undefined);
      await Promise.allSettled([called]);
      cloud = await cloud.reopen();
      await scenario.again?.(cloud, made);
    }
    await atRest(cloud);
    if (scenario.restarts === true) cloud = await cloud.reopen();
    await scenario.after?.(cloud, made);
    await atRest(cloud);
    await cloud.close();
    if (!killed) return step;
  }
}
