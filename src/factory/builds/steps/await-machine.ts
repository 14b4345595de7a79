/**
 * From launched to logged in, as five checks that are named while they are waited for: what a build that never
 * gets there was waiting for, and what to look at, stands in its error.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { EC2, Instance } from '@aws-sdk/client-ec2';
import type { StepContext } from '../../../platform/workflows/workflow.ts';
import { type ShellCheck, ShellProblem } from '../../ssh/remote-shell.ts';
import type { Target } from '../../targets/target.ts';
import type { BuildInput, BuildResults, Machine, MachineAccess, ReachedMachine } from '../build.ts';
import type { BuildParts } from '../parts.ts';
import { consoleTail } from './console-tail.ts';
import { readKey } from './open-access.ts';

type ReachContext = StepContext<Pick<BuildInput, 'target' | 'region'>, Pick<BuildResults, 'base'>>;

type Check = 'running' | 'address' | ShellCheck;

const pollMs = 200;
/**
 * How long it may take to speak: a twentieth of the wait so far. Short at first, since a network may take connections
 * before the machine does; longer for a slow one, where each try starts an SSH process that takes its time too.
 */
function greetingMsAfter(waitedMs: number): number {
  return Math.min(30_000, Math.max(2_000, waitedMs / 20));
}

const hints: Readonly<Record<Check, (target: Target) => string>> = {
  running: () => 'The target has not started the instance; its console and capacity tell more',
  address: (target) =>
    `The instance has no ${target.builder.address} address: the subnet must give one, or set builder.address`,
  port: (target) =>
    `Port 22 does not answer: the security group must let ${target.builder.sshSource} in, a route must lead there, ` +
    'and the machine must boot; its console is kept with the build',
  greeting: () =>
    'Something takes connections, but no SSH server speaks: the machine may still boot, or sshd is broken',
  login: () =>
    'SSH runs but refuses the key: the image must take its key from the launch (cloud-init) for this user',
  'host-key': () => 'Something else answers at the address of the machine',
};

class NotThere extends Error {
  readonly check: Check;
  readonly ends: boolean;
  constructor(check: Check, message: string, ends = false) {
    super(message);
    this.check = check;
    this.ends = ends;
  }
}

export async function awaitMachine(
  parts: BuildParts,
  context: ReachContext,
  machine: Machine,
  access: MachineAccess,
): Promise<ReachedMachine> {
  const target = await parts.targets.get(context.input.target);
  const ec2 = await target.client(context.input.region);
  const privateKey = await readKey(access);
  const user = context.result('base').sshUser;
  const began = performance.now();
  let last: NotThere | undefined;
  for (;;) {
    try {
      const address = await addressOf(ec2, target, machine);
      const greetingMs = greetingMsAfter(performance.now() - began);
      const shell = await parts.connect({ ...address, user, privateKey, greetingMs }, context.signal);
      shell.close();
      const ms = parts.now().getTime() - Date.parse(machine.launchedAt);
      context.tell({ type: 'detail', text: `${user}@${address.host}` });
      return { ...address, user, hostKey: shell.hostKey, ms };
    } catch (error) {
      context.signal.throwIfAborted();
      const problem = asNotThere(error);
      if (problem.check !== last?.check)
        context.tell({ type: 'waiting', check: problem.check, text: problem.message });
      last = problem;
      const waitedMs = performance.now() - began;
      if (problem.ends || waitedMs > parts.bootPatienceMs) {
        context.tell({ type: 'console', text: await consoleTail(parts, context, machine.instanceId) });
        throw new Error(
          `${machine.instanceId} can't be reached: the check '${problem.check}' does not pass after ` +
            `${Math.round(waitedMs / 1000)} s (${problem.message}). ${hints[problem.check](target)}`,
        );
      }
      await delay(pollMs, undefined, { signal: context.signal });
    }
  }
}

/** Throws where it has none that can be reached, or does not run. */
export async function addressOf(ec2: EC2, target: Target, machine: Machine) {
  const instance = await describe(ec2, machine.instanceId);
  const state = instance?.State?.Name ?? 'unknown';
  if (state !== 'running') {
    const reason = instance?.StateReason?.Message ?? '';
    const over = ['terminated', 'shutting-down', 'stopped'].includes(state);
    throw new NotThere('running', `it is ${state}${reason === '' ? '' : `: ${reason}`}`, over);
  }
  const host = target.builder.address === 'private' ? instance?.PrivateIpAddress : instance?.PublicIpAddress;
  if (host === undefined) throw new NotThere('address', `it has no ${target.builder.address} address`);
  return (await target.reach?.(machine.instanceId, { host, port: 22 })) ?? { host, port: 22 };
}

/** Just launched, an instance may be unknown for a moment on AWS. */
async function describe(ec2: EC2, instanceId: string): Promise<Instance | undefined> {
  const { Reservations = [] } = await ec2.describeInstances({
    Filters: [{ Name: 'instance-id', Values: [instanceId] }],
  });
  return Reservations[0]?.Instances?.[0];
}

function asNotThere(error: unknown): NotThere {
  if (error instanceof NotThere) return error;
  if (error instanceof ShellProblem)
    return new NotThere(error.check, error.message, error.check === 'host-key');
  throw error;
}
