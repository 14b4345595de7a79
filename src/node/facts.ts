import { access } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Architecture } from '../platform/ids.ts';
import type { NodeContext } from './context.ts';
import type { ArchitectureFacts, NodeFacts } from './contract.ts';
import { diskBytes } from './machines/admission.ts';
import { qemuProgram } from './qemu/command-line.ts';
import { firmwareOf } from './qemu/firmware.ts';
import { programPath } from './qemu/program-path.ts';

export async function nodeFacts(context: NodeContext): Promise<NodeFacts> {
  const architectures: ArchitectureFacts[] = [];
  for (const architecture of ['x86_64', 'arm64'] as const) {
    if (!(await isInstalled(architecture))) continue;
    const firmware = await firmwareOf(architecture);
    if (firmware.length > 0)
      architectures.push({ architecture, firmware, ...context.acceleration(architecture) });
  }
  const disk = await diskBytes(context.folders.layers);
  return {
    nodeId: context.nodeId,
    architectures,
    cpus: availableParallelism(),
    memoryMiB: hostMemoryMiB(),
    memoryForInstancesMiB: context.memoryForInstancesMiB,
    diskFreeBytes: disk.freeBytes,
    diskTotalBytes: disk.totalBytes,
    publicPrefix: context.publicPrefix,
    lowestFreePort: context.lowestFreePort,
  };
}

export function hostMemoryMiB(): number {
  return Math.floor(totalmem() / 2 ** 20);
}

/** The host keeps 2 GiB or 15 %, whichever is less. */
export function defaultMemoryForInstancesMiB(hostMiB: number): number {
  return Math.max(Math.floor(hostMiB * 0.85), hostMiB - 2048);
}

async function isInstalled(architecture: Architecture): Promise<boolean> {
  for (const folder of programPath.split(':')) {
    const found = await access(join(folder, qemuProgram(architecture))).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
