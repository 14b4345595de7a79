/** The peer: QEMU started by hand with the command line of Ingot's machine, and two disks of its own. */
import { spawn } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Client } from 'ssh2';
import ssh2 from 'ssh2';
import { homeKey } from '../../src/cli/ssh/key.ts';
import { copyOfMachine, qemuImg } from '../frame/copy-of-machine.ts';
import { type BenchMachine, type OwnServer, until } from '../frame/own-server.ts';

export interface BareMachine {
  readonly ssh: Client;
  readonly rawDisk: string;
  readonly overlayDisk: string;
  stop(): Promise<void>;
}

export async function bootBare(
  server: OwnServer,
  machine: BenchMachine,
  { source, folder }: { readonly source: string; readonly folder: string },
): Promise<BareMachine> {
  const copy = await copyOfMachine(server, machine.id, folder);
  const [raw, base, overlay] = ['raw.img', 'base.img', 'overlay.qcow2'].map((name) => join(folder, name));
  await copyFile(source, raw ?? '');
  await copyFile(source, base ?? '');
  await qemuImg('create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', base ?? '', overlay ?? '');
  const port = await freePort();
  const args = copy.args.map((arg) =>
    arg.startsWith('user,id=net0') ? `${arg},hostfwd=tcp:127.0.0.1:${port}-:22` : arg,
  );
  const qemu = spawn(
    copy.program,
    [...args, ...drive('raw', raw ?? '', 'raw'), ...drive('overlay', overlay ?? '', 'qcow2')],
    { cwd: copy.directory, stdio: 'ignore' },
  );
  const exited = new Promise((resolve) => qemu.once('exit', resolve));
  const stop = async () => {
    qemu.kill('SIGKILL');
    await exited;
  };
  try {
    const { privateKey } = await homeKey(server.home);
    const ssh = await until(() => login(port, privateKey), 500);
    const disk = (serial: string) => `/dev/disk/by-id/virtio-${serial}`;
    return {
      ssh,
      rawDisk: disk('raw'),
      overlayDisk: disk('overlay'),
      stop: async () => {
        ssh.end();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function drive(id: string, file: string, format: string): readonly string[] {
  return [
    ...['-drive', `file=${file},format=${format},if=none,id=${id}`],
    ...['-device', `virtio-blk-pci,drive=${id},serial=${id}`],
  ];
}

async function login(port: number, privateKey: string): Promise<Client | undefined> {
  const client = new ssh2.Client();
  return await new Promise((resolve) => {
    client.once('ready', () => resolve(client));
    // Nobody answers yet; it may be told more than once.
    client.on('error', () => resolve(undefined));
    client.once('close', () => resolve(undefined));
    client.connect({ host: '127.0.0.1', port, username: 'ec2-user', privateKey, readyTimeout: 60_000 });
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
