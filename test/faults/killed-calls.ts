/** Kills the server at the steps of each call that changes something, one home for all. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { addBlankBase, launchBlank } from './blank-machines.ts';
import { killAtEachStep } from './every-step.ts';
import { type KillableServer, makeServerHome, type ServerHome } from './killable-server.ts';
import {
  createImage,
  deregisterImage,
  runInstances,
  stoppedInstance,
  terminateInstances,
} from './scenarios.ts';
import type { Moment } from './server-child.ts';

/** Each test starts some ten servers, one after the other. */
const timeout = 900_000;

export function testsWithKilledServer(moments: readonly Moment[]): void {
  let home: ServerHome;
  let imageId: string;
  let failed = false;

  beforeAll(async () => {
    home = await makeServerHome({ stopDeadlineMs: 200 });
    const server = await home.start();
    imageId = await addBlankBase(home);
    await server.close();
  });
  afterEach(({ task }) => {
    failed ||= task.result?.state === 'fail';
  });
  afterAll(() => home.dispose({ keep: failed }));

  test('RunInstances: launched once, or not at all', { timeout }, async () => {
    expect(await killAtEachStep(home, runInstances(imageId), moments)).toBeGreaterThan(5);
  });

  test('TerminateInstances: gone with all that is its own, or as it was', { timeout }, async () => {
    expect(await killAtEachStep(home, terminateInstances(imageId), moments)).toBeGreaterThan(3);
  });

  test('CreateImage of a running machine by a reboot: one image, and the machine runs', {
    timeout,
  }, async () => {
    const instanceOf = once((server) => launchBlank(server, imageId));
    const scenario = createImage({
      instanceOf,
      noReboot: false,
      state: 'running',
      consistency: ['rebooted'],
    });
    expect(await killAtEachStep(home, scenario, moments)).toBeGreaterThan(5);
  });

  test('DeregisterImage with its snapshots: gone with its layers, or as it was', { timeout }, async () => {
    expect(await killAtEachStep(home, deregisterImage(imageId), moments)).toBeGreaterThan(2);
  });

  test('CreateImage of a stopped machine: one image, and the machine is as it was', { timeout }, async () => {
    const instanceOf = once((server) => stoppedInstance(server, imageId));
    const create = createImage({ instanceOf, noReboot: false, state: 'stopped', consistency: ['stopped'] });
    expect(await killAtEachStep(home, create, moments)).toBeGreaterThan(2);
  });
}

function once(
  make: (server: KillableServer) => Promise<string>,
): (server: KillableServer) => Promise<string> {
  let made: Promise<string> | undefined;
  return (server) => {
    made ??= make(server);
    return made;
  };
}
