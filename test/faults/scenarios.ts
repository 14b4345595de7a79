/** The calls whose server is killed, with what each has promised. */
import { EC2ServiceException } from '@aws-sdk/client-ec2';
import { expect } from 'vitest';
import { blankLaunch, clear, launchBlank, stateOf } from './blank-machines.ts';
import type { Scenario } from './every-step.ts';
import type { KillableServer } from './killable-server.ts';

/** Asked again with its token, it has launched once. */
export function runInstances(imageId: string): Scenario<string, unknown> {
  let count = 0;
  const run = (server: KillableServer, token: string) => server.ec2.runInstances(blankLaunch(imageId, token));
  return {
    prepare: async () => `launch-${++count}`,
    call: run,
    async check(server, token) {
      const { Instances: [again] = [] } = await run(server, token);
      await server.atRest();
      const all = await liveInstances(server);
      expect(all.map((one) => one?.InstanceId)).toEqual([again?.InstanceId]);
      expect(all).toMatchObject([{ State: { Name: 'running' }, ClientToken: token }]);
      expect(all[0]?.BlockDeviceMappings).toHaveLength(2);
      await clear(server, [again?.InstanceId ?? '']);
    },
  };
}

/** Asked again, it has terminated; of its volumes only the one that was to stay is there. */
export function terminateInstances(imageId: string): Scenario<string, unknown> {
  const terminate = (server: KillableServer, instanceId: string) =>
    server.ec2.terminateInstances({ InstanceIds: [instanceId] });
  return {
    prepare: (server) => launchBlank(server, imageId),
    call: terminate,
    async check(server, instanceId, answer) {
      const state = (await stateOf(server, instanceId))?.State?.Name;
      if (answer !== undefined) expect(state).toBe('terminated');
      else expect(['running', 'terminated']).toContain(state);
      await terminate(server, instanceId);
      await server.atRest();
      expect((await stateOf(server, instanceId))?.State?.Name).toBe('terminated');
      expect((await server.ec2.describeVolumes({})).Volumes).toMatchObject([{ Size: 1, State: 'available' }]);
      await clear(server, []);
    },
  };
}

/** Asked again, the image and its snapshots are gone. */
export function deregisterImage(imageId: string): Scenario<string, unknown> {
  let count = 0;
  const deregister = (server: KillableServer, ImageId: string) =>
    server.ec2.deregisterImage({ ImageId, DeleteAssociatedSnapshots: true });
  return {
    // Of an instance that is gone, so that nothing but the image holds its layers.
    async prepare(server) {
      const InstanceId = await launchBlank(server, imageId);
      const Name = `gone-${++count}`;
      const { ImageId = '' } = await server.ec2.createImage({ InstanceId, Name, NoReboot: true });
      await clear(server, [InstanceId]);
      return ImageId;
    },
    call: deregister,
    async check(server, made, answer) {
      if (answer === undefined) await unlessGone(() => deregister(server, made));
      await server.atRest();
      expect(await ownImages(server)).toEqual([]);
      expect(await ownSnapshots(server)).toEqual([]);
    },
  };
}

/** Answered or asked again, there is one image of its name, whole; and the instance is what it was. */
export function createImage(options: {
  readonly instanceOf: (server: KillableServer) => Promise<string>;
  readonly noReboot: boolean;
  readonly state: 'running' | 'stopped';
  readonly consistency: readonly string[];
  readonly also?: () => Promise<void>;
}): Scenario<
  { readonly instanceId: string; readonly name: string },
  { readonly ImageId?: string | undefined }
> {
  let count = 0;
  const create = (server: KillableServer, { instanceId, name }: { instanceId: string; name: string }) =>
    server.ec2.createImage({ InstanceId: instanceId, Name: name, NoReboot: options.noReboot });
  return {
    prepare: async (server) => ({ instanceId: await options.instanceOf(server), name: `image-${++count}` }),
    call: create,
    async check(server, made, answer) {
      if (answer === undefined) await unlessTaken(() => create(server, made));
      await server.atRest();
      const images = await ownImages(server);
      expect(images).toMatchObject([{ Name: made.name, State: 'available' }]);
      if (answer !== undefined) expect(images[0]?.ImageId).toBe(answer.ImageId);
      const tags = new Map(images[0]?.Tags?.map((tag) => [tag.Key, tag.Value]));
      expect(options.consistency).toContain(tags.get('ingot:consistency'));
      const instance = await stateOf(server, made.instanceId);
      expect(instance?.State?.Name).toBe(options.state);
      expect(await ownSnapshots(server)).toHaveLength(instance?.BlockDeviceMappings?.length ?? 0);
      await options.also?.();
      const ImageId = images[0]?.ImageId;
      await server.ec2.deregisterImage({ ImageId, DeleteAssociatedSnapshots: true });
    },
  };
}

/** Stopped, and the same at every step. */
export async function stoppedInstance(server: KillableServer, imageId: string): Promise<string> {
  const instanceId = await launchBlank(server, imageId);
  await server.ec2.stopInstances({ InstanceIds: [instanceId], Force: true });
  await server.atRest();
  return instanceId;
}

async function liveInstances({ ec2 }: KillableServer) {
  const states = ['pending', 'running', 'stopping', 'stopped', 'shutting-down'];
  const { Reservations: reservations = [] } = await ec2.describeInstances({
    Filters: [{ Name: 'instance-state-name', Values: states }],
  });
  return reservations.flatMap((one) => one.Instances ?? []);
}

async function ownImages({ ec2 }: KillableServer) {
  return (await ec2.describeImages({ Owners: ['self'] })).Images ?? [];
}

async function ownSnapshots({ ec2 }: KillableServer) {
  return (await ec2.describeSnapshots({ OwnerIds: ['self'] })).Snapshots ?? [];
}

async function unlessGone(call: () => Promise<unknown>): Promise<void> {
  await unless(call, /^InvalidAMIID\./);
}

async function unlessTaken(call: () => Promise<unknown>): Promise<void> {
  await unless(call, /^InvalidAMIName\.Duplicate$/);
}

async function unless(call: () => Promise<unknown>, code: RegExp): Promise<void> {
  await call().catch((error: unknown) => {
    if (!(error instanceof EC2ServiceException) || !code.test(error.name)) throw error;
  });
}
