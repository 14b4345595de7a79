import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceId } from '../../platform/ids.ts';
import { knownMachine, type NodeContext } from '../context.ts';
import { isMissing } from '../is-missing.ts';
import { machineFiles } from '../qemu/command-line.ts';

/** The end of the serial console since the last start. */
export async function readConsole(
  context: NodeContext,
  request: { readonly instanceId: InstanceId; readonly maxBytes: number },
): Promise<{ readonly output: Uint8Array; readonly at: string }> {
  const { directory } = knownMachine(context, request.instanceId);
  return tail(join(directory, machineFiles.console), Math.min(request.maxBytes, 1 << 20));
}

async function tail(
  path: string,
  maxBytes: number,
): Promise<{ readonly output: Uint8Array; readonly at: string }> {
  try {
    const file = await open(path, 'r');
    try {
      const { size, mtime } = await file.stat();
      const length = Math.min(size, maxBytes);
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
      return { output: buffer.subarray(0, bytesRead), at: mtime.toISOString() };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return { output: Buffer.alloc(0), at: new Date().toISOString() };
    throw error;
  }
}
