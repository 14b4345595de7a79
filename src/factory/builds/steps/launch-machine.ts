/** The machines of a build: one that is built on, one that proves the image. Both end with the build. */
import type { EC2, RunInstancesRequest } from '@aws-sdk/client-ec2';
import { tagged } from '../../aws/tags.ts';
import { isCode, until } from '../../aws/until.ts';
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
  const network: Partial<RunInstancesRequest> =
    builder.subnetId === undefined
      ? { SecurityGroupIds: [wanted.access.securityGroupId] }
      : {
          NetworkInterfaces: [
            {
              DeviceIndex: 0,
              SubnetId: builder.subnetId,
              Groups: [wanted.access.securityGroupId],
              AssociatePublicIpAddress: builder.address === 'public',
            },
          ],
        };
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
      ...network,
      TagSpecifications: tags,
    });
  const { Instances: [instance] = [] } = await whenThereIsRoom(context, ask);
  if (instance?.InstanceId === undefined) throw new Error('The target launched nothing and gave no reason');
  context.tell({ type: 'detail', text: `${instance.InstanceId} (${instanceType})` });
  return { instanceId: instance.InstanceId, instanceType, launchedAt };
}

const roomDeadlineMs = 60 * 60_000;
const full = ['InsufficientInstanceCapacity', 'InstanceLimitExceeded', 'VcpuLimitExceeded'];

/** Other machines end, often those of builds beside this one: a full target is waited for. */
async function whenThereIsRoom<T>(context: MachineContext, ask: () => Promise<T>): Promise<T> {
  const attempt = async () => {
    try {
      return await ask();
    } catch (error) {
      if (!isCode(error, ...full)) throw error;
      context.tell({ type: 'waiting', check: 'capacity', text: (error as Error).message });
      return undefined;
    }
  };
  const what = 'room for the machine on the target';
  return await until(attempt, {
    signal: context.signal,
    deadlineMs: roomDeadlineMs,
    everyMs: [1_000, 30_000],
    what,
  });
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
  try {
    await ec2.terminateInstances({ InstanceIds: [instanceId] });
  } catch (error) {
    if (isCode(error, 'InvalidInstanceID.NotFound')) return;
    throw error;
  }
  // Its key and group can go only after it.
  await until(
    async () => {
      const state = await stateOf(ec2, instanceId);
      return state === undefined || state === 'terminated' ? true : undefined;
    },
    { signal: context.signal, deadlineMs: terminateDeadlineMs, what: `${instanceId} to end` },
  );
}

const terminateDeadlineMs = 15 * 60_000;

async function findByToken(ec2: EC2, token: string): Promise<string | undefined> {
  const { Reservations = [] } = await ec2.describeInstances({
    Filters: [{ Name: 'client-token', Values: [token] }],
  });
  return Reservations[0]?.Instances?.[0]?.InstanceId;
}

/** Undefined for one that the target knows no more. */
async function stateOf(ec2: EC2, instanceId: string): Promise<string | undefined> {
  const { Reservations = [] } = await ec2.describeInstances({
    Filters: [{ Name: 'instance-id', Values: [instanceId] }],
  });
  return Reservations[0]?.Instances?.[0]?.State?.Name;
}

function clientToken(runId: string, purpose: Launch['purpose']): string {
  return `ingot-${runId}-${purpose}`;
}
