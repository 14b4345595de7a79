import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceId } from '../../platform/ids.ts';
import { knownMachine, type NodeContext } from '../context.ts';
import { isMissing } from '../is-missing.ts';
import { machineFiles } from '../qemu/command-line.ts';
import { olderConsole } from './trim-console.ts';

const mostBytes = 1 << 20;

/** The end of the serial console since the last start; kept after the machine has stopped. */
export async function readConsole(
  context: NodeContext,
  request: { readonly instanceId: InstanceId; readonly maxBytes: number },
): Promise<{ readonly output: Uint8Array; readonly at: string }> {
  const { directory } = knownMachine(context, request.instanceId);
  const path = join(directory, machineFiles.console);
  const wanted = Math.max(0, Math.min(request.maxBytes, mostBytes));
  const now = await tail(path, wanted);
  const at = now?.at ?? new Date().toISOString();
  const recent = now?.bytes ?? Buffer.alloc(0);
  if (recent.length === wanted) return { output: recent, at };
  const older = await tail(olderConsole(path), wanted - recent.length);
  return { output: older === undefined ? recent : Buffer.concat([older.bytes, recent]), at };
}

/** Undefined where there is no such file. */
async function tail(
  path: string,
  maxBytes: number,
): Promise<{ readonly bytes: Buffer; readonly at: string } | undefined> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const { size, mtime } = await file.stat();
    const length = Math.min(size, maxBytes);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return { bytes: buffer.subarray(0, bytesRead), at: mtime.toISOString() };
  } finally {
    await file.close();
  }
}
