/** What a creation has to know of its machine, as EC2 tells it. */
import type { EC2, Instance } from '@aws-sdk/client-ec2';
import type { Architecture } from '../../platform/ids.ts';
import { tagKeys, tagsOf } from '../aws/tags.ts';
import { isCode } from '../aws/until.ts';
import { usualUser } from '../bases/aliases.ts';
import { sshUserOf } from '../bases/ssh-user.ts';
import { FactoryError } from '../factory-error.ts';
import type { SourceInstance } from './creation-input.ts';

export interface ReadInstance {
  readonly source: SourceInstance;
  readonly architecture: Architecture;
  readonly instance: Instance;
}

/** Throws where it is in no state in which EC2 makes an image of it. */
export async function readInstance(ec2: EC2, instanceId: string, name?: string): Promise<ReadInstance> {
  const instance = await describe(ec2, instanceId);
  const state = instance.State?.Name ?? 'unknown';
  if (state !== 'running' && state !== 'stopped') {
    throw new FactoryError(
      'conflict',
      `${instanceId} is ${state}: an image is made of a machine that is running or stopped`,
    );
  }
  const { Images: [image] = [] } = await ec2.describeImages({
    Filters: [{ Name: 'image-id', Values: [instance.ImageId ?? ''] }],
    IncludeDeprecated: true,
  });
  const tags = tagsOf(instance);
  const user = tags[tagKeys.sshUser] ?? (image === undefined ? usualUser : await sshUserOf(ec2, image));
  return {
    instance,
    architecture: instance.Architecture === 'arm64' ? 'arm64' : 'x86_64',
    source: {
      id: instanceId,
      name: name ?? tags.Name ?? instanceId,
      type: instance.InstanceType ?? '',
      rootDevice: instance.RootDeviceName ?? '/dev/sda1',
      volumesGiB: await volumesGiB(ec2, instanceId),
      imageId: instance.ImageId ?? '',
      imageName: image?.Name ?? instance.ImageId ?? '',
      sshUser: user,
      ports: await openPorts(ec2, instance),
    },
  };
}

async function describe(ec2: EC2, instanceId: string): Promise<Instance> {
  const gone = () => new FactoryError('not-found', `There is no machine ${instanceId} here`);
  try {
    const { Reservations = [] } = await ec2.describeInstances({ InstanceIds: [instanceId] });
    const instance = Reservations[0]?.Instances?.[0];
    if (instance === undefined) throw gone();
    return instance;
  } catch (error) {
    if (isCode(error, 'InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed')) throw gone();
    throw error;
  }
}

async function volumesGiB(ec2: EC2, instanceId: string): Promise<number> {
  const { Volumes = [] } = await ec2.describeVolumes({
    Filters: [{ Name: 'attachment.instance-id', Values: [instanceId] }],
  });
  return Volumes.reduce((sum, { Size = 0 }) => sum + Size, 0);
}

/** A wider rule says nothing of which ports are meant. */
const widestRange = 20;

async function openPorts(ec2: EC2, { SecurityGroups = [] }: Instance): Promise<readonly number[]> {
  const ids = SecurityGroups.flatMap(({ GroupId }) => GroupId ?? []);
  if (ids.length === 0) return [22];
  const found = await ec2.describeSecurityGroups({ GroupIds: ids });
  const rules = (found.SecurityGroups ?? []).flatMap(({ IpPermissions = [] }) => IpPermissions);
  const ports = rules.flatMap(({ IpProtocol, FromPort = 0, ToPort = 0 }) =>
    IpProtocol === 'tcp' && FromPort > 0 && ToPort - FromPort < widestRange
      ? Array.from({ length: ToPort - FromPort + 1 }, (_, at) => FromPort + at)
      : [],
  );
  return [...new Set([22, ...ports])].sort((a, b) => a - b);
}
