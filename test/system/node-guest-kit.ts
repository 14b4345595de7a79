/** A shell in a real guest, for the node's tests that need an operating system. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Client as SshClient } from 'ssh2';
import { buildBase } from '../../guest/build.ts';
import type { MachineStatus } from '../../src/node/contract.ts';
import { until } from '../../src/node/deadline.ts';
import { newSshKeyPair } from '../../src/platform/ssh-key-pair.ts';

export const key = newSshKeyPair('node-test');

/** Emulated guests boot in about 10 s on an idle machine; several times that on a busy one. */
export const bootDeadlineMs = 240_000;

export async function tinyBase(): Promise<string> {
  const base = await buildBase('tiny', 'x86_64', { directory: join(tmpdir(), 'ingot-test-bases') });
  return base.file;
}

export interface Shell {
  /** What the command printed; throws when it fails. */
  run(command: string): Promise<string>;
  close(): void;
}

/** Connects to port 22 of the machine's public address, as soon as somebody answers there. */
export async function shellOf(status: MachineStatus, username = 'ec2-user'): Promise<Shell> {
  const host = status.publicAddress;
  if (host === undefined) throw new Error('the machine does not run');
  const client = await until(() => login(host, username), {
    deadlineMs: bootDeadlineMs,
    everyMs: 250,
    what: `a login at ${host}`,
  });
  return { run: (command) => execute(client, command), close: () => client.end() };
}

async function login(host: string, username: string): Promise<SshClient | undefined> {
  const client = new ssh2.Client();
  return new Promise((resolve) => {
    client.once('ready', () => resolve(client));
    // Nobody answers yet, or the connection is lost in the middle; either may be told more than once.
    client.on('error', () => resolve(undefined));
    client.once('close', () => resolve(undefined));
    client.connect({
      host,
      port: 22,
      username,
      privateKey: key.privateKey,
      readyTimeout: 60_000,
    });
  });
}

async function execute(client: SshClient, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) {
        reject(error);
        return;
      }
      let output = '';
      let complaint = '';
      channel.on('data', (data: Buffer) => {
        output += String(data);
      });
      channel.stderr.on('data', (data: Buffer) => {
        complaint += String(data);
      });
      channel.on('close', (status: number | null) => {
        if (status === 0) resolve(output.trim());
        else reject(new Error(`'${command}' ended with ${status}: ${complaint.trim()}`));
      });
    });
  });
}
