/** Whether a machine is ready, by everything that its template asks. */
import { type MachinePlace, withShell } from '../builds/machine-shell.ts';
import type { BuildParts } from '../builds/parts.ts';
import { quoted } from '../ssh/quoted.ts';
import type { Target } from '../targets/target.ts';
import type { Readiness } from '../templates/template.ts';
import { askHttp, type Reach } from './ask-http.ts';
import { askTcp } from './ask-tcp.ts';

export interface AskedMachine {
  readonly target: Target;
  readonly region: string;
  readonly instanceId: string;
  /** How to log in, for commands. */
  readonly place: MachinePlace;
}

type Asked = Pick<Readiness, 'http' | 'tcp' | 'command'>;

/** Undefined where it is ready; else the first thing that isn't as it must be, in words. */
export async function askMachine(
  parts: Pick<BuildParts, 'shells'>,
  { http, tcp, command }: Asked,
  machine: AskedMachine,
  signal: AbortSignal,
): Promise<string | undefined> {
  const address = await currentAddress(machine);
  if (address === undefined) return `${machine.instanceId} has no address`;
  const reach: Reach = async (port) =>
    (await machine.target.reach?.(machine.instanceId, { host: address, port })) ?? { host: address, port };
  if (http !== undefined) {
    const problem = await askHttp(http, { address, reach }, signal);
    if (problem !== undefined) return problem;
  }
  if (tcp !== undefined) {
    const problem = await askTcp(await reach(tcp.port), signal);
    if (problem !== undefined) return `port ${tcp.port} does not take a connection: ${problem}`;
  }
  if (command !== undefined) return await askCommand(parts, command, machine.place, signal);
  return undefined;
}

/** A machine that was stopped and started has another one. */
async function currentAddress({ target, region, instanceId }: AskedMachine): Promise<string | undefined> {
  const ec2 = await target.client(region);
  const { Reservations = [] } = await ec2.describeInstances({
    Filters: [{ Name: 'instance-id', Values: [instanceId] }],
  });
  const instance = Reservations[0]?.Instances?.[0];
  return target.builder.address === 'private' ? instance?.PrivateIpAddress : instance?.PublicIpAddress;
}

const commandMs = 60_000;

async function askCommand(
  parts: Pick<BuildParts, 'shells'>,
  command: string,
  place: MachinePlace,
  signal: AbortSignal,
): Promise<string | undefined> {
  const deadline = AbortSignal.timeout(commandMs);
  try {
    const { status, stdout, stderr } = await withShell(parts, { signal }, place, (shell) =>
      shell.exec(`sudo -n -H env sh -c ${quoted(command)}`, { signal: AbortSignal.any([signal, deadline]) }),
    );
    const said = (stderr || stdout).trim().slice(-300);
    return status === 0
      ? undefined
      : `'${command}' ends with status ${status}${said === '' ? '' : `: ${said}`}`;
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) return `'${command}' takes longer than ${commandMs / 1000} s`;
    return `'${command}' could not be asked: ${(error as Error).message}`;
  }
}
