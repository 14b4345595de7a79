/** The machines of a build: one that is built on, one that proves the image. Both end with the build. */
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { endInstance, findByToken } from '../../aws/end-instance.ts';
import { machineNetwork } from '../../aws/machine-network.ts';
import { tagged } from '../../aws/tags.ts';
import { whenThereIsRoom } from '../../aws/when-there-is-room.ts';
import type { BuildContext, Machine, MachineAccess, ProofContext } from '../build.ts';
import type { BuildParts } from '../parts.ts';
import { temporaryTags } from './build-tags.ts';

export async function launchBuildMachine(parts: BuildParts, context: BuildContext): Promise<Machine> {
  const { template } = context.input;
  const { rootDevice, minSizeGiB } = context.result('base');
  const larger = (template.minDiskSizeGiB ?? 0) > minSizeGiB;
  return await launch(parts, context, {
    imageId: context.result('start').imageId,
    access: context.result('access'),
    purpose: 'build',
    ...(larger && template.minDiskSizeGiB !== undefined
      ? { rootSize: { device: rootDevice, sizeGiB: template.minDiskSizeGiB } }
      : {}),
  });
}

export async function launchProofMachine(parts: BuildParts, context: ProofContext): Promise<Machine> {
  const imageId = context.result('image').imageId;
  return await launch(parts, context, { imageId, access: context.result('proof access'), purpose: 'proof' });
}

type MachineContext = Pick<ProofContext, 'input' | 'runId' | 'signal' | 'tell'>;

interface Launch {
  readonly imageId: string;
  readonly access: MachineAccess;
  readonly purpose: 'build' | 'proof';
  readonly rootSize?: { readonly device: string; readonly sizeGiB: number };
}

async function launch(parts: BuildParts, context: MachineContext, wanted: Launch): Promise<Machine> {
  const { input, runId } = context;
  const target = await parts.targets.get(input.target);
  const ec2 = await target.client(input.region);
  const { builder } = target;
  const instanceType = builder.instanceType[input.architecture];
  const tags = tagged(['instance', 'volume'], temporaryTags(context));
  const launchedAt = parts.now().toISOString();
  const ask = () =>
    ec2.runInstances({
      ImageId: wanted.imageId,
      InstanceType: instanceType as NonNullable<RunInstancesRequest['InstanceType']>,
      KeyName: wanted.access.keyName,
      MinCount: 1,
      MaxCount: 1,
      // The same token gives the same machine: a step that is run again launches no second one.
      ClientToken: clientToken(runId, wanted.purpose),
      InstanceInitiatedShutdownBehavior: 'terminate',
      ...(wanted.rootSize === undefined
        ? {}
        : {
            BlockDeviceMappings: [
              {
                DeviceName: wanted.rootSize.device,
                Ebs: { VolumeSize: wanted.rootSize.sizeGiB, DeleteOnTermination: true },
              },
            ],
          }),
      ...machineNetwork(builder, wanted.access.securityGroupId),
      TagSpecifications: tags,
    });
  const { Instances: [instance] = [] } = await whenThereIsRoom(context, ask);
  if (instance?.InstanceId === undefined) throw new Error('The target launched nothing and gave no reason');
  context.tell({ type: 'detail', text: `${instance.InstanceId} (${instanceType})` });
  return { instanceId: instance.InstanceId, instanceType, launchedAt };
}

/** Found by its token where the build doesn't know its id yet: the launch may have been half done. */
export async function terminateMachine(
  parts: BuildParts,
  context: MachineContext,
  purpose: Launch['purpose'],
  saved: Machine | undefined,
): Promise<void> {
  const target = await parts.targets.get(context.input.target);
  const ec2 = await target.client(context.input.region);
  const instanceId = saved?.instanceId ?? (await findByToken(ec2, clientToken(context.runId, purpose)));
  if (instanceId === undefined) return;
  await endInstance(ec2, instanceId, context.signal);
}

function clientToken(runId: string, purpose: Launch['purpose']): string {
  return `ingot-${runId}-${purpose}`;
}
