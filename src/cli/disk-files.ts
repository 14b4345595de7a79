/** What the commands about disk files share: their formats as people name them, and how far something is. */
import { extname } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Context } from './context.ts';
import { CliError, exitCodes } from './errors.ts';
import type { Stage } from './stages.ts';

export type DiskFormat = 'raw' | 'qcow2' | 'vmdk' | 'vpc' | 'vhdx';

/** VHD is QEMU's vpc; a raw disk is often called .img. */
const formatsByName: Readonly<Record<string, DiskFormat>> = {
  raw: 'raw',
  img: 'raw',
  qcow2: 'qcow2',
  vmdk: 'vmdk',
  vhd: 'vpc',
  vpc: 'vpc',
  vhdx: 'vhdx',
};

export function formatOption(description: string): Option {
  return new Option('--format <format>', `${description}: raw, qcow2, vmdk, vhd or vhdx`).argParser(
    (text) => {
      const format = formatsByName[text.toLowerCase()];
      if (format !== undefined) return format;
      throw new InvalidArgumentError('Give raw, qcow2, vmdk, vhd or vhdx.');
    },
  );
}

/** By its ending. */
export function formatOfName(file: string): DiskFormat {
  const format = formatsByName[extname(file).slice(1).toLowerCase()];
  if (format !== undefined) return format;
  throw new CliError(`The name '${file}' doesn't say which format it shall have; give --format`, {
    exitCode: exitCodes.usage,
  });
}

export function formatName(format: DiskFormat): string {
  return format === 'vpc' ? 'vhd' : format;
}

/** The account whose keys the commands use. */
export async function accountOf({ url, credentials, region }: Context): Promise<string> {
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const sts = new STSClient({ endpoint: url, credentials, region });
  return (await sts.send(new GetCallerIdentityCommand({}))).Account ?? '';
}

export interface FollowedWork {
  readonly state: 'running' | 'completed' | 'failed';
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly reason?: string | undefined;
}

const intervalMs = 300;

/** Asks until it rests, and says on the way how far it is. Throws where it failed. */
export async function followed<W extends FollowedWork>(stage: Stage, ask: () => Promise<W>): Promise<W> {
  for (;;) {
    const work = await ask();
    if (work.state === 'failed') throw new CliError(work.reason ?? 'It failed, and no reason is known');
    if (work.state === 'completed') return work;
    stage.update(`${percent(work)} of ${size(work.bytesTotal)}`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

function percent({ bytesDone, bytesTotal }: FollowedWork): string {
  return bytesTotal === 0 ? '0 %' : `${Math.floor((100 * bytesDone) / bytesTotal)} %`;
}

/** '512 KiB', '1.5 GiB' */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
