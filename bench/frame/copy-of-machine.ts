/** The command line of a running machine, and a folder of its own to start it in once more without Ingot. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OwnServer } from './own-server.ts';

const execute = promisify(execFile);

export interface MachineCopy {
  readonly program: string;
  readonly args: readonly string[];
  /** Relative paths of the command line lead from here. */
  readonly directory: string;
}

/** With a new overlay over what the machine's root disk stands on, and without its other volumes. */
export async function copyOfMachine(
  server: OwnServer,
  instanceId: string,
  folder: string,
): Promise<MachineCopy> {
  const original = server.instanceFolder(instanceId);
  const directory = join(folder, 'instances', 'bare');
  const pid = (await readFile(join(original, 'qemu.pid'), 'utf8')).trim();
  const [program = '', ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1);
  await cp(join(original, 'seed'), join(directory, 'seed'), { recursive: true });
  await mkdir(join(folder, 'layers'));
  const [, layerId = ''] = /layers\/([\w-]+)\.qcow2/.exec(args.join(' ')) ?? [];
  const file = (layersFolder: string) => join(layersFolder, `${layerId}.qcow2`);
  const info = await qemuImg('info', '-U', '--output=json', file(server.layersFolder));
  const { 'full-backing-filename': backing } = JSON.parse(info) as { 'full-backing-filename': string };
  const options = ['-o', 'cluster_size=128k,extended_l2=on', '-F', 'qcow2', '-b', backing];
  await qemuImg('create', '-q', '-f', 'qcow2', ...options, file(join(folder, 'layers')));
  const own = args.map((arg) => arg.replace(/path=ingot-[^,]+/, `path=ingot-bench-${process.pid}`));
  return { program, args: own, directory };
}

export async function qemuImg(...args: readonly string[]): Promise<string> {
  return (await execute('qemu-img', args)).stdout;
}
