import type { EC2 } from '@aws-sdk/client-ec2';
import { isCode, until } from './until.ts';

const terminateDeadlineMs = 15 * 60_000;

/** Terminates it and waits until it is gone: its key and its group can go only after it. */
export async function endInstance(ec2: EC2, instanceId: string, signal: AbortSignal): Promise<void> {
  try {
    await ec2.terminateInstances({ InstanceIds: [instanceId] });
  } catch (error) {
    if (isCode(error, 'InvalidInstanceID.NotFound')) return;
    throw error;
  }
  await until(
    async () => {
      const state = await stateOf(ec2, instanceId);
      return state === undefined || state === 'terminated' ? true : undefined;
    },
    { signal, deadlineMs: terminateDeadlineMs, what: `${instanceId} to end` },
  );
}

/** Of a launch that was perhaps half done: nobody knows the id yet. */
export async function findByToken(ec2: EC2, token: string): Promise<string | undefined> {
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
