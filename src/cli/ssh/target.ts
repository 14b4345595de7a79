/** Where and as whom one reaches a machine by SSH. */
import { environment } from '../../platform/config-environment.ts';
import { adminClient, answered } from '../admin-client.ts';
import type { Context } from '../context.ts';
import { ec2Client } from '../ec2/client.ts';
import { sshUserOf } from '../ec2/find-image.ts';
import type { Machine } from '../ec2/find-instance.ts';
import { CliError, exitCodes } from '../errors.ts';

export interface SshTarget {
  readonly instanceId: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

const sshPort = 22;
const usualUser = 'ec2-user';

/** Throws where the machine doesn't run or its port 22 isn't open, with the way to open it. */
export async function sshTarget(context: Context, machine: Machine, userGiven?: string): Promise<SshTarget> {
  const called = machine.name || machine.id;
  if (machine.state !== 'running') {
    throw new CliError(`${called} is ${machine.state}; SSH needs it running: ingot start ${called}`, {
      exitCode: exitCodes.noConnection,
    });
  }
  const host = machine.instance.PublicIpAddress;
  if (host === undefined) {
    throw new CliError(`${called} has no public address: it was launched without one`, {
      exitCode: exitCodes.noConnection,
    });
  }
  const [port, user] = await Promise.all([
    hostPort(context, machine.id, called),
    userGiven ?? userOf(context, machine),
  ]);
  return { instanceId: machine.id, host, port, user };
}

/** Where the host could not bind 22 itself, the node opened another port for it. */
async function hostPort(context: Context, instanceId: string, called: string): Promise<number> {
  const request = adminClient(context).machines[':instanceId'].$get({ param: { instanceId } });
  const { mappedPorts = [], closedPorts = [] } = await answered(request, context.url);
  const closed = closedPorts.find(({ rule }) => rule.fromPort <= sshPort && sshPort <= rule.toPort);
  if (closed !== undefined) {
    throw new CliError(`Port ${sshPort} of ${called} is not open on this host: ${closed.reason}`, {
      exitCode: exitCodes.noConnection,
    });
  }
  return mappedPorts.find(({ guestPort }) => guestPort === sshPort)?.hostPort ?? sshPort;
}

async function userOf(context: Context, { instance, region }: Machine): Promise<string> {
  const tagged = instance.Tags?.find(({ Key }) => Key === 'ingot:ssh-user')?.Value;
  return tagged ?? (await sshUserOf(await ec2Client(context, region), instance.ImageId)) ?? usualUser;
}

/** What the far end shall take this terminal for. */
export function terminalType(): string {
  return environment().TERM || 'xterm-256color';
}
