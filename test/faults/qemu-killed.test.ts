/** What runs a machine is killed: its owner is told, and nothing but the run is lost. */
import { join } from 'node:path';
import { waitUntilInstanceRunning, waitUntilInstanceStopped } from '@aws-sdk/client-ec2';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { findQemu, killQemu } from '../../src/node/qemu/process.ts';
import type { InstanceId } from '../../src/platform/ids.ts';
import { addBlankBase, clear, launchBlank, stateOf, waiting } from './blank-machines.ts';
import { type KillableServer, makeServerHome, type ServerHome } from './killable-server.ts';

test('an instance whose QEMU is killed is stopped with the reason, and starts again with its volumes', async () => {
  const { home, server } = await served();
  const instanceId = await launchBlank(server, await addBlankBase(home));
  const before = await stateOf(server, instanceId);
  await kill(home, instanceId);

  await waitUntilInstanceStopped(waiting(server), { InstanceIds: [instanceId] });
  const stopped = await stateOf(server, instanceId);
  expect(stopped?.StateReason?.Code).toBe('Server.InternalError');
  expect(stopped?.StateReason?.Message).toContain('qemu was killed');
  expect(stopped?.PublicIpAddress).toBeUndefined();
  await server.atRest();

  await server.ec2.startInstances({ InstanceIds: [instanceId] });
  await waitUntilInstanceRunning(waiting(server), { InstanceIds: [instanceId] });
  const after = await stateOf(server, instanceId);
  expect(volumesOf(after)).toEqual(volumesOf(before));
  expect(after?.StateReason?.Code).not.toBe('Server.InternalError');
  await clear(server, [instanceId]);
  await server.atRest();
});

test('what was killed while no server ran is found stopped by the next one', async () => {
  const { home, server } = await served();
  const imageId = await addBlankBase(home);
  const [killed, spared] = [await launchBlank(server, imageId), await launchBlank(server, imageId)];
  await server.kill();
  await kill(home, killed);
  const next = await home.start();
  onTestFinished(() => next.close());
  await waitUntilInstanceStopped(waiting(next), { InstanceIds: [killed] });
  expect((await stateOf(next, killed))?.StateReason?.Message).toContain('qemu was killed');
  expect((await stateOf(next, spared))?.State?.Name).toBe('running');
  await next.atRest();
});

async function served(): Promise<{ readonly home: ServerHome; readonly server: KillableServer }> {
  const home = await makeServerHome({ stopDeadlineMs: 200 });
  let keep = false;
  onTestFailed(() => {
    keep = true;
  });
  onTestFinished(() => home.dispose({ keep }));
  const server = await home.start();
  onTestFinished(() => server.close());
  return { home, server };
}

async function kill(home: ServerHome, instanceId: string): Promise<void> {
  const qemu = (await findQemu(join(home.nodeFolder, 'instances'))).get(instanceId as InstanceId);
  if (qemu === undefined) throw new Error(`${instanceId} does not run`);
  await killQemu(qemu);
}

function volumesOf(instance: Awaited<ReturnType<typeof stateOf>>) {
  return instance?.BlockDeviceMappings?.map(({ DeviceName, Ebs }) => [DeviceName, Ebs?.VolumeId]);
}
