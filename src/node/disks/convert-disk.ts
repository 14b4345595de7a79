/** `qemu-img convert` with its progress, at low priority beside running machines. */
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { programPath } from '../qemu/program-path.ts';

export interface Conversion {
  readonly from: { readonly file: string; readonly format: string };
  readonly to: { readonly file: string; readonly format: string; readonly options?: string };
  /** 0 to 1. */
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal;
}

export async function convertDisk({ from, to, onProgress, signal }: Conversion): Promise<void> {
  const options = to.options === undefined ? [] : ['-o', to.options];
  // Formats are always told: QEMU must not look for them in what a guest could write. -U: others may read too.
  const args = ['convert', '-p', '-U', '-f', from.format, '-O', to.format, ...options, from.file, to.file];
  const child = spawn('qemu-img', args, {
    env: { PATH: programPath },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  if (child.pid !== undefined) lowerPriority(child.pid);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const percent = /\((\d+(?:\.\d+)?)\/100%\)\s*$/.exec(chunk.toString())?.[1];
    if (percent !== undefined) onProgress(Number(percent) / 100);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  const status = await promise;
  if (status !== 0) throw new Error(`qemu-img convert: ${said.trim() || `ended with status ${status}`}`);
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It ended already.
  }
}
