/** The machine that the image is made of: whether it runs, stopped for the point in time, and started again. */
import type { EC2, Instance } from '@aws-sdk/client-ec2';
import { isCode, until } from '../../aws/until.ts';
import type { CreationContext, MachineBefore, StartedAgain } from '../creation-input.ts';
import type { CreationParts } from '../parts.ts';

/** The machine stands still meanwhile. */
const closely = [100, 1_000] as const;
const stopDeadlineMs = 20 * 60_000;
/** A full target starts it when others end. The image doesn't wait for that; the end of the creation does. */
const startPatienceMs = 3 * 60_000;
const lastStartDeadlineMs = 60 * 60_000;

export async function lookAtMachine(parts: CreationParts, context: CreationContext): Promise<MachineBefore> {
  const { instance } = context.input;
  const found = await describe(await clientOf(parts, context), instance.id);
  const state = found?.State?.Name ?? 'gone';
  if (state !== 'running' && state !== 'stopped') {
    throw new Error(`${instance.id} is ${state}: an image is made of a machine that is running or stopped`);
  }
  context.tell({ type: 'detail', text: `${instance.name} (${instance.id}) is ${state}` });
  return {
    imageId: instance.imageId,
    name: instance.imageName,
    sshUser: instance.sshUser,
    rootDevice: instance.rootDevice,
    minSizeGiB: instance.volumesGiB,
    digest: instance.imageId,
    wasRunning: state === 'running',
    volumes: (found?.BlockDeviceMappings ?? []).filter(({ Ebs }) => Ebs?.VolumeId !== undefined).length,
  };
}

/** Null where it isn't to be stopped, or is already. */
export async function stopMachine(
  parts: CreationParts,
  context: CreationContext,
): Promise<{ readonly at: string } | null> {
  if (!stops(context)) return null;
  const { id } = context.input.instance;
  const ec2 = await clientOf(parts, context);
  const at = parts.now().toISOString();
  await ec2.stopInstances({ InstanceIds: [id] });
  await until(async () => ((await describe(ec2, id))?.State?.Name === 'stopped' ? true : undefined), {
    signal: context.signal,
    deadlineMs: stopDeadlineMs,
    everyMs: closely,
    what: `${id} to stop`,
  });
  context.tell({ type: 'detail', text: id });
  return { at };
}

/** As soon as the point in time is taken. Never throws: the image is good whatever becomes of this. */
export async function startMachine(
  parts: CreationParts,
  context: CreationContext,
): Promise<StartedAgain | null> {
  const stopped = context.result('stopped');
  if (stopped === null) return null;
  const { id } = context.input.instance;
  try {
    await startAgain(await clientOf(parts, context), id, context.signal, startPatienceMs);
  } catch (error) {
    context.signal.throwIfAborted();
    const problem = error instanceof Error ? error.message : String(error);
    context.tell({ type: 'note', text: `${id} does not start yet, and is tried again: ${problem}` });
    return { problem };
  }
  const notRunningMs = parts.now().getTime() - Date.parse(stopped.at);
  context.tell({ type: 'detail', text: `${id} stood still for ${(notRunningMs / 1000).toFixed(1)} s` });
  return { notRunningMs };
}

/** Whatever came of the creation: who was running runs again. */
export async function giveMachineBack(parts: CreationParts, context: CreationContext): Promise<void> {
  const started = context.saved('started');
  if (!stops(context) || (started !== undefined && started !== null && 'notRunningMs' in started)) return;
  const ec2 = await clientOf(parts, context);
  await startAgain(ec2, context.input.instance.id, context.signal, lastStartDeadlineMs);
}

function stops(context: CreationContext): boolean {
  return context.input.capture.way === 'stopped' && context.result('base').wasRunning;
}

const notYet = [
  'IncorrectInstanceState',
  'InsufficientInstanceCapacity',
  'InstanceLimitExceeded',
  'VcpuLimitExceeded',
];

/** One that is gone needs no starting. */
async function startAgain(ec2: EC2, id: string, signal: AbortSignal, deadlineMs: number): Promise<void> {
  const look = async () => {
    const state = (await describe(ec2, id))?.State?.Name;
    if (state === 'running') return true;
    if (state === undefined || state === 'terminated' || state === 'shutting-down') return true;
    if (state === 'stopped') {
      await ec2.startInstances({ InstanceIds: [id] }).catch((error: unknown) => {
        if (!isCode(error, ...notYet)) throw error;
      });
    }
    return undefined;
  };
  await until(look, { signal, deadlineMs, everyMs: closely, what: `${id} to run again` });
}

async function clientOf(parts: CreationParts, { input }: CreationContext): Promise<EC2> {
  return await (await parts.targets.get(input.target)).client(input.region);
}

async function describe(ec2: EC2, instanceId: string): Promise<Instance | undefined> {
  const { Reservations = [] } = await ec2.describeInstances({
    Filters: [{ Name: 'instance-id', Values: [instanceId] }],
  });
  return Reservations[0]?.Instances?.[0];
}
