/** Launches one machine from what a name stands for. */
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { machineNetwork } from '../aws/machine-network.ts';
import { type Tags, tagged, tagKeys } from '../aws/tags.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { BuilderSettings } from '../targets/target.ts';
import { ensureKeyPair, ensureSecurityGroup } from './access.ts';
import type { LaunchChoice } from './launch-answer.ts';
import { type LaunchPlan, type LaunchRequest, planLaunch } from './launch-plan.ts';
import { recordLaunch } from './record-launch.ts';
import { chosen } from './resolve-launch.ts';

export interface MachineToLaunch extends LaunchRequest {
  /** The machine's. */
  readonly machineName: string;
  /** Whose private half gets in; without one nobody does but by what the image has. */
  readonly publicKey?: string | undefined;
  readonly tags: Tags;
  readonly by: string;
}

export interface Launched {
  readonly instanceId: string;
  readonly choice: LaunchChoice;
  readonly plan: LaunchPlan;
}

export async function launchMachine(factory: Factory, request: MachineToLaunch): Promise<Launched> {
  const plan = await planLaunch(factory, request);
  const choice = chosen(plan.answer, request);
  const { region, machineName: name, by } = request;
  if (choice.region !== region) {
    throw new FactoryError(
      'conflict',
      `${choice.imageId} is in ${choice.region}, not in ${region}: ` +
        `ingot ami copy ${choice.imageId} ${region} --region ${choice.region} brings it`,
    );
  }
  const target = await factory.targets.get(request.target);
  const ec2 = await target.client(region);
  const { builder } = target;
  const [keyName, groupId] = await Promise.all([
    request.publicKey === undefined ? undefined : ensureKeyPair(ec2, request.publicKey),
    builder.securityGroupId ??
      ensureSecurityGroup(ec2, { ports: plan.ports, source: request.source }, builder.subnetId),
  ]);
  const access = { keyName, groupId, builder };
  const { Instances: [instance] = [] } = await ec2.runInstances(runInput(request, plan, choice, access));
  const instanceId = instance?.InstanceId;
  if (instanceId === undefined)
    throw new FactoryError('target', 'The target launched nothing, and said no why');
  const { instanceType } = plan;
  await recordLaunch(factory, { target: target.name, region, instanceId, instanceType, name, choice, by });
  return { instanceId, choice, plan };
}

interface Access {
  readonly keyName: string | undefined;
  readonly groupId: string;
  readonly builder: BuilderSettings;
}

function runInput(
  { machineName, tags: given }: MachineToLaunch,
  { instanceType, diskGiB, userData }: LaunchPlan,
  { imageId, rootDevice, sshUser, template, version }: LaunchChoice,
  { keyName, groupId, builder }: Access,
): RunInstancesRequest {
  const tags = {
    ...given,
    Name: machineName,
    [tagKeys.sshUser]: sshUser,
    ...(template === undefined ? {} : { [tagKeys.template]: template }),
    ...(version === undefined ? {} : { [tagKeys.version]: version }),
  };
  return {
    ...{ ImageId: imageId, MinCount: 1, MaxCount: 1 },
    InstanceType: instanceType as NonNullable<RunInstancesRequest['InstanceType']>,
    ...machineNetwork(builder, groupId),
    TagSpecifications: [...tagged(['instance'], tags), ...tagged(['volume'], { Name: machineName })],
    ...(keyName === undefined ? {} : { KeyName: keyName }),
    ...(diskGiB === undefined
      ? {}
      : { BlockDeviceMappings: [{ DeviceName: rootDevice, Ebs: { VolumeSize: diskGiB } }] }),
    ...(userData === undefined ? {} : { UserData: userData.toString('base64') }),
  };
}
