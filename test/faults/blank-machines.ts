/** Instances without an operating system: QEMU, disks and rows are all that a killed server can lose. */
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntilInstanceRunning, waitUntilInstanceTerminated } from '@aws-sdk/client-ec2';
import { adminClient, answered } from '../../src/cli/admin-client.ts';
import { localContext } from '../../src/cli/context.ts';
import { type KillableServer, region, type ServerHome } from './killable-server.ts';

/** Registers an empty disk as a public image, and answers its id. */
export async function addBlankBase(home: ServerHome): Promise<string> {
  const file = join(home.folder, 'blank.raw');
  await writeFile(file, '');
  await truncate(file, 2 ** 30);
  return await addBaseFile(home, 'blank', file);
}

export async function addBaseFile(home: ServerHome, alias: string, file: string): Promise<string> {
  const context = await localContext(home.folder);
  if (context === undefined) throw new Error('no server runs');
  const json = {
    imageName: `${alias}-1`,
    description: alias,
    architecture: 'x86_64',
    firmware: 'bios',
    sshUser: 'ec2-user',
    alias,
    file,
  } as const;
  const { images } = await answered(adminClient(context).bases.$post({ json }), context.url);
  return images[region] ?? '';
}

/** A root volume and a second one, which outlives the instance. */
export function blankLaunch(imageId: string, clientToken?: string) {
  return {
    ImageId: imageId,
    InstanceType: 't3.nano' as const,
    MinCount: 1,
    MaxCount: 1,
    BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1, DeleteOnTermination: false } }],
    ...(clientToken === undefined ? {} : { ClientToken: clientToken }),
  };
}

export async function launchBlank(server: KillableServer, imageId: string): Promise<string> {
  const { Instances: [made] = [] } = await server.ec2.runInstances(blankLaunch(imageId));
  const instanceId = made?.InstanceId ?? '';
  await waitUntilInstanceRunning(waiting(server), { InstanceIds: [instanceId] });
  return instanceId;
}

export async function stateOf({ ec2 }: KillableServer, instanceId: string) {
  const { Reservations: [reservation] = [] } = await ec2.describeInstances({ InstanceIds: [instanceId] });
  return reservation?.Instances?.[0];
}

/** Terminates them and deletes the volumes that no instance holds. */
export async function clear(server: KillableServer, instanceIds: readonly string[]): Promise<void> {
  if (instanceIds.length > 0) {
    await server.ec2.terminateInstances({ InstanceIds: [...instanceIds] });
    await waitUntilInstanceTerminated(waiting(server), { InstanceIds: [...instanceIds] });
  }
  const { Volumes: volumes = [] } = await server.ec2.describeVolumes({
    Filters: [{ Name: 'status', Values: ['available'] }],
  });
  for (const { VolumeId } of volumes) await server.ec2.deleteVolume({ VolumeId });
}

export function waiting({ ec2: client }: KillableServer) {
  return { client, maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.2 };
}
