/** fio in a guest that has no packages: the program of this machine with all its libraries, carried over SSH. */
import { execFile } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Client, ClientChannel } from 'ssh2';
import { output } from '../frame/own-server.ts';

const execute = promisify(execFile);

export interface Load {
  readonly name: string;
  readonly rw: 'read' | 'write' | 'randread' | 'randwrite';
  readonly block: '4k' | '1M';
  readonly mebibytes: number;
  readonly unit: 'IOPS' | 'MiB/s';
}

export async function bringFio(ssh: Client, folder: string): Promise<void> {
  const bundle = await bundleFio(folder);
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    ssh.exec('tar xz -C /home/ec2-user', (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  const closed = new Promise((resolve) => channel.once('close', resolve));
  channel.resume();
  await pipeline(createReadStream(bundle), channel);
  await closed;
  await output(ssh, `sudo ${program} --version`);
}

const program = '/home/ec2-user/fio/ld.so --library-path /home/ec2-user/fio /home/ec2-user/fio/fio';

/** What `ldd` names, the loader among them. Made once. */
async function bundleFio(folder: string): Promise<string> {
  const bundle = join(folder, 'fio.tgz');
  if (existsSync(bundle)) return bundle;
  const { stdout: path } = await execute('which', ['fio']);
  const { stdout: needed } = await execute('ldd', [path.trim()]);
  const files = join(folder, 'fio');
  await mkdir(files);
  for (const [file] of needed.matchAll(/\/\S+/g)) {
    await copyFile(file, join(files, basename(file).startsWith('ld-linux') ? 'ld.so' : basename(file)));
  }
  await copyFile(path.trim(), join(files, 'fio'));
  await execute('tar', ['czf', `${bundle}.part`, '-C', folder, 'fio']);
  await execute('mv', [`${bundle}.part`, bundle]);
  return bundle;
}

interface FioReport {
  readonly jobs: readonly [
    Readonly<Record<'read' | 'write', { readonly iops: number; readonly bw_bytes: number }>>,
  ];
}

/** The load's figure in its unit. */
export async function fio(
  ssh: Client,
  disk: string,
  load: Load,
  { offsetMiB, regionMiB }: { readonly offsetMiB: number; readonly regionMiB: number },
): Promise<number> {
  const options = {
    ...{ name: 'load', filename: disk, rw: load.rw, bs: load.block, direct: 1, ioengine: 'libaio' },
    ...{ iodepth: 8, offset: `${offsetMiB}M`, size: `${regionMiB}M`, io_size: `${load.mebibytes}M` },
    ...{ thread: '', 'output-format': 'json' },
  };
  const line = Object.entries(options).map(([name, value]) => `--${name}${value === '' ? '' : `=${value}`}`);
  const { jobs } = JSON.parse(await output(ssh, `sudo ${program} ${line.join(' ')}`)) as FioReport;
  const { iops, bw_bytes } = jobs[0][load.rw.endsWith('read') ? 'read' : 'write'];
  return load.unit === 'IOPS' ? iops : bw_bytes / 2 ** 20;
}
