/**
 * Guests that only seem to be there, for builds on the simulated node: they know the commands that a build sends, and
 * play the scripts of its steps by what those say (`exit N`, `echo TEXT`, `never ends`, `restarts`).
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  ConnectionLost,
  type ConnectShell,
  type ExecOptions,
  type ExecResult,
  type ShellAddress,
  ShellProblem,
} from '../../../src/factory/ssh/remote-shell.ts';

export interface Guests {
  readonly connect: ConnectShell;
  /** Every script that was started, in order. */
  readonly ran: string[];
  /** What a validation's command answers; an empty success unless told. */
  answer: (command: string) => { readonly status: number; readonly stdout: string };
  /** Refuses every connection with this check. */
  closedAt: ShellProblem['check'] | undefined;
  /** Cuts so many connections in the middle of following a step. */
  cuts: number;
  /** What a search for a secret finds on a disk. */
  found: readonly string[];
  /** Called before each command: throws to be a process that is dead. */
  beforeExec: () => void;
}

interface Guest {
  readonly runs: Map<string, { script: string; status?: number }>;
}

export function pretendGuests(): Guests {
  const machines = new Map<string, Guest>();
  const guests: Guests = {
    ran: [],
    answer: () => ({ status: 0, stdout: '' }),
    closedAt: undefined,
    cuts: 0,
    found: [],
    beforeExec: () => undefined,
    connect: async (address, signal) => {
      signal.throwIfAborted();
      guests.beforeExec();
      if (guests.closedAt !== undefined) throw new ShellProblem(guests.closedAt, 'it is shut');
      const machine = machineAt(machines, address);
      let isOpen = true;
      return {
        hostKey: Buffer.from(address.privateKey.slice(-60)).toString('base64'),
        get isOpen() {
          return isOpen;
        },
        exec: async (command, options) => {
          guests.beforeExec();
          try {
            return await play(guests, machine, command, options);
          } catch (error) {
            if (error instanceof ConnectionLost) isOpen = false;
            throw error;
          }
        },
        close: () => {
          isOpen = false;
        },
      };
    },
  };
  return guests;
}

/** A machine has its key: addresses are used again by others. */
function machineAt(machines: Map<string, Guest>, { privateKey }: ShellAddress): Guest {
  const known = machines.get(privateKey) ?? { runs: new Map() };
  machines.set(privateKey, known);
  return known;
}

async function play(
  guests: Guests,
  machine: Guest,
  command: string,
  options: ExecOptions = {},
): Promise<ExecResult> {
  const directory = /\/var\/tmp\/ingot-build\/(?:build|deploy)-[0-9a-f]+-\d+/.exec(command)?.[0] ?? '';
  const said = (stdout: string, status = 0) => ({ status, stdout, stderr: '' });
  if (command.includes('ingot-packages')) return said('ingot-packages\tnone\ttiny\t1\n');
  if (command.includes('test -e')) return said('', machine.runs.has(directory) ? 0 : 1);
  if (command.includes('script.part')) {
    machine.runs.set(`${directory} script`, { script: String(options.input) });
    return said('');
  }
  if (command.includes('mkdir claimed')) {
    if (!machine.runs.has(directory)) {
      const script = machine.runs.get(`${directory} script`)?.script ?? '';
      machine.runs.set(directory, { script });
      guests.ran.push(script.trim());
    }
    return said('');
  }
  if (command.includes('while :')) return await follow(guests, machine, directory, options);
  if (command.includes('/status')) return said(`${machine.runs.get(directory)?.status ?? ''}\n`);
  if (command.includes('.failed')) machine.runs.delete(directory);
  if (command.includes('ingot-secret')) return said(guests.found.join('\n'));
  if (command.includes('/proc/uptime')) return said('1.00 0.50\n');
  const check = /^sudo -n -H env .*sh -c '?(.*?)'?$/s.exec(command)?.[1];
  return check === undefined ? said('') : { ...guests.answer(check), stderr: '' };
}

async function follow(
  guests: Guests,
  machine: Guest,
  directory: string,
  { onOutput, signal }: ExecOptions,
): Promise<ExecResult> {
  const run = machine.runs.get(directory);
  if (run === undefined) return { status: 1, stdout: '', stderr: 'no such folder' };
  const { script } = run;
  if (guests.cuts > 0) {
    guests.cuts -= 1;
    throw new ConnectionLost('cut by the test');
  }
  if (script.includes('restarts')) return { status: 77, stdout: '', stderr: '' };
  for (const [, text] of script.matchAll(/echo (.*)/g)) onOutput?.(Buffer.from(`${text}\n`));
  if (script.includes('never ends')) await delay(3_600_000, undefined, { signal });
  run.status = Number(/exit (\d+)/.exec(script)?.[1] ?? 0);
  return { status: 0, stdout: '', stderr: '' };
}
