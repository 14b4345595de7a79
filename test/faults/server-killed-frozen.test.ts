/** The server is killed while it takes an image of a machine whose guest it freezes; the guest must not notice. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findQemu } from '../../src/node/qemu/process.ts';
import { type Guest, launchGuest } from '../system/cloud-guests.ts';
import { killAtEachStep } from './every-step.ts';
import { addTinyBase } from './guest-machines.ts';
import { makeServerHome, type ServerHome } from './killable-server.ts';
import { createImage } from './scenarios.ts';

let home: ServerHome;
let guest: Guest;
let failed = false;

beforeAll(async () => {
  home = await makeServerHome({ stopDeadlineMs: 60_000 });
  const server = await home.start();
  const ImageId = await addTinyBase(home, server.ec2);
  guest = await launchGuest(server.ec2, {
    ImageId,
    BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1 } }],
  });
  await server.close();
});
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});
afterAll(async () => {
  guest?.shell.close();
  await home.dispose({ keep: failed });
});

test('CreateImage of a running machine, frozen: one image, and the guest writes on in the same QEMU', {
  timeout: 900_000,
}, async () => {
  const pid = await qemuPid();
  const scenario = createImage({
    instanceOf: async () => guest.instanceId,
    noReboot: false,
    state: 'running',
    // An instant that was taken when nobody was left to see the thaw is claimed to be no better than a power cut.
    consistency: ['filesystem', 'crash'],
    // A frozen guest would wait here for ever; and the connection is the one that was made at the start.
    also: async () => {
      await guest.shell.run('date > written && sync');
      expect(await qemuPid()).toBe(pid);
    },
  });
  expect(await killAtEachStep(home, scenario, ['after', 'within'])).toBeGreaterThan(7);
});

async function qemuPid(): Promise<number | undefined> {
  const running = await findQemu(join(home.nodeFolder, 'instances'));
  return [...running.values()][0]?.pid;
}
