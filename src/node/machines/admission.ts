import { statfs } from 'node:fs/promises';
import type { InstanceId } from '../../platform/ids.ts';
import type { NodeContext } from '../context.ts';
import { NodeError } from '../contract.ts';

/** Refuses before anything is made. Machines that are starting count as running. */
export function admitMemory(context: NodeContext, instanceId: InstanceId, memoryMiB: number): void {
  let usedMiB = 0;
  for (const { record } of context.machines.values()) {
    if (record.instanceId !== instanceId && record.state !== 'stopped') usedMiB += record.memoryMiB;
  }
  const limitMiB = context.memoryForInstancesMiB;
  if (usedMiB + memoryMiB <= limitMiB) return;
  throw new NodeError(
    'no-capacity',
    `${memoryMiB} MiB do not fit: running instances use ${usedMiB} of the ${limitMiB} MiB that instances may use`,
  );
}

export async function admitDisk(
  context: Pick<NodeContext, 'diskFloorBytes'> & { readonly folders: { readonly layers: string } },
): Promise<void> {
  const free = await freeBytes(context.folders.layers);
  if (free >= context.diskFloorBytes) return;
  throw new NodeError(
    'disk-full',
    `${mebibytes(free)} MiB are free on the node's disk, less than the ${mebibytes(context.diskFloorBytes)} MiB it keeps`,
  );
}

export async function freeBytes(directory: string): Promise<number> {
  return (await diskBytes(directory)).freeBytes;
}

export async function diskBytes(
  directory: string,
): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
  const { bavail, bfree, blocks, bsize } = await statfs(directory);
  // Without what is kept for root or for others, as df counts.
  return { freeBytes: bavail * bsize, totalBytes: (blocks - bfree + bavail) * bsize };
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / 2 ** 20);
}
