/** From an image's name to a machine: finds or builds the image, brings key and ports, runs one instance. */
import type { EC2, Image, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { type BaseName, knownBases } from '../../../guest/base.ts';
import type { Architecture } from '../../platform/ids.ts';
import { addBase, hostArchitecture } from '../bases.ts';
import type { Context } from '../context.ts';
import { ensureKeyPair, ensureSecurityGroup, type Openings } from '../ec2/access.ts';
import { ec2Client } from '../ec2/client.ts';
import { findImage, sshUserOf, unknownImage } from '../ec2/find-image.ts';
import { type Machine, toMachine } from '../ec2/find-instance.ts';
import { CliError } from '../errors.ts';
import { homeKey } from '../ssh/key.ts';
import type { Stages } from '../stages.ts';

export interface LaunchRequest {
  /** An alias, an id or a name. */
  readonly image: string;
  readonly name: string;
  readonly region: string;
  readonly architecture?: Architecture | undefined;
  readonly instanceType?: string | undefined;
  readonly diskGiB?: number | undefined;
  readonly userData?: Uint8Array | undefined;
  readonly openings: Openings;
}

export async function launchMachine(
  context: Context,
  request: LaunchRequest,
  stages: Stages,
): Promise<Machine> {
  const ec2 = await ec2Client(context, request.region);
  const image = await findOrBuildImage(context, ec2, request, stages);
  const { publicKey } = await homeKey(context.home);
  const [keyName, groupId, sshUser] = await Promise.all([
    ensureKeyPair(ec2, publicKey),
    ensureSecurityGroup(ec2, request.openings),
    sshUserOf(ec2, image.ImageId),
  ]);
  return await stages.run(
    `Launching ${request.name}`,
    async () => {
      const { Instances = [] } = await ec2.runInstances(
        runInput(request, image, { keyName, groupId, sshUser }),
      );
      const [instance] = Instances;
      if (instance === undefined) throw new CliError('EC2 answered without an instance');
      return toMachine(instance, request.region);
    },
    ({ id }) => id,
  );
}

function runInput(
  request: LaunchRequest,
  image: Image,
  access: { readonly keyName: string; readonly groupId: string; readonly sshUser: string | undefined },
): RunInstancesCommandInput {
  const { diskGiB, userData, name } = request;
  const type = request.instanceType ?? (image.Architecture === 'arm64' ? 't4g.micro' : 't3.micro');
  const tags = [
    { Key: 'Name', Value: name },
    ...(access.sshUser === undefined ? [] : [{ Key: 'ingot:ssh-user', Value: access.sshUser }]),
  ];
  const rootDisk = { DeviceName: image.RootDeviceName, Ebs: { VolumeSize: diskGiB } };
  return {
    ImageId: image.ImageId,
    MinCount: 1,
    MaxCount: 1,
    InstanceType: type as NonNullable<RunInstancesCommandInput['InstanceType']>,
    KeyName: access.keyName,
    SecurityGroupIds: [access.groupId],
    TagSpecifications: [
      { ResourceType: 'instance', Tags: tags },
      { ResourceType: 'volume', Tags: [{ Key: 'Name', Value: name }] },
    ],
    ...(diskGiB === undefined ? {} : { BlockDeviceMappings: [rootDisk] }),
    ...(userData === undefined ? {} : { UserData: Buffer.from(userData).toString('base64') }),
  };
}

async function findOrBuildImage(
  context: Context,
  ec2: EC2,
  { image: given, architecture = hostArchitecture(), region }: LaunchRequest,
  stages: Stages,
): Promise<Image> {
  const found = await findImage(ec2, given, { architecture });
  if (found !== undefined) return found;
  if (!knownBases().includes(`${given}/${architecture}`)) throw unknownImage(given, region);
  await stages.run(
    `Building the image ${given}`,
    (stage) => addBase(context, given as BaseName, architecture, stage.update),
    ({ base }) => base.imageName,
  );
  const built = await findImage(ec2, given, { architecture });
  if (built === undefined) throw unknownImage(given, region);
  return built;
}
