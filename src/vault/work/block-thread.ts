/** A worker thread of `block-workers.ts`. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { codeOf } from '../blobs/directory-files.ts';
import { isVaultError } from '../errors.ts';
import { type BlockTask, runBlockTask, slotsIn } from './block-work.ts';

export interface ThreadData {
  readonly memory: SharedArrayBuffer;
  readonly slotBytes: number;
  readonly contentBytes: number;
  readonly frameBytes: number;
  /** Unix niceness, 0 to 19. */
  readonly niceness: number;
}

const { memory, slotBytes, contentBytes, frameBytes, niceness } = workerData as ThreadData;
// On Linux this is the thread's own niceness, not the process's; elsewhere it would slow the whole process down.
if (niceness > 0 && process.platform === 'linux') setPriority(0, niceness);
const slots = slotsIn(memory, slotBytes, contentBytes);

parentPort?.on('message', async ({ id, task }: { readonly id: number; readonly task: BlockTask }) => {
  try {
    const answer = await runBlockTask(task, slots, frameBytes);
    const moved = answer instanceof Uint8Array ? [answer.buffer as ArrayBuffer] : [];
    parentPort?.postMessage({ id, answer }, moved);
  } catch (error) {
    const kind = isVaultError(error) ? error.kind : undefined;
    const message = error instanceof Error ? error.message : String(error);
    parentPort?.postMessage({ id, failure: { kind, code: codeOf(error), message } });
  }
});
