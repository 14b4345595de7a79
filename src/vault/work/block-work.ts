/** What is CPU work on one block. Runs in worker threads, or right here where threads don't pay (tests). */

import { decodeChunk, encodeChunk, isZero, verifyContent } from '../format/chunk.ts';
import { type Digest, digestOf } from '../format/digest.ts';
import { type KeepBlock, type KeptBlock, keepBlock } from './keep-block.ts';

export type BlockTask =
  /** The digest of the slot's content; undefined where it is all zeros. */
  | { readonly kind: 'hash'; readonly slot: number; readonly length: number }
  /** Writes the chunk beside the slot's content; answers its length. */
  | {
      readonly kind: 'encode';
      readonly slot: number;
      readonly length: number;
      readonly digest: Digest;
      readonly edition: bigint;
    }
  /** Stores the slot's content in a folder, where it is missing. */
  | ({ readonly kind: 'keep'; readonly slot: number; readonly length: number } & KeepBlock)
  /** Checks a chunk and unpacks it. */
  | {
      readonly kind: 'decode';
      readonly chunk: Uint8Array;
      readonly digest: Digest;
      readonly verify: boolean;
    };

export interface BlockAnswers {
  readonly hash: Digest | undefined;
  readonly encode: number;
  readonly keep: KeptBlock;
  readonly decode: Uint8Array;
}

export interface SlotBuffers {
  readonly content: Buffer;
  readonly chunk: Buffer;
}

export function runBlockTask(
  task: BlockTask,
  slots: readonly SlotBuffers[],
  frameBytes: number,
): BlockAnswers[BlockTask['kind']] | Promise<KeptBlock> {
  if (task.kind === 'decode') {
    const chunk = Buffer.from(task.chunk.buffer, task.chunk.byteOffset, task.chunk.byteLength);
    const content = decodeChunk(chunk, task.digest);
    if (task.verify) verifyContent(content, task.digest);
    return content;
  }
  const slot = slots[task.slot];
  if (slot === undefined) throw new Error(`There is no slot ${task.slot}`);
  const content = slot.content.subarray(0, task.length);
  if (task.kind === 'hash') return isZero(content) ? undefined : digestOf(content);
  if (task.kind === 'keep') return keepBlock(content, slot.chunk, frameBytes, task);
  return encodeChunk(content, task.digest, frameBytes, slot.chunk, task.edition);
}

/** Slots lie in shared memory: threads work on them in place, and no block is ever copied between threads. */
export function slotsIn(
  memory: SharedArrayBuffer,
  slotBytes: number,
  contentBytes: number,
): readonly SlotBuffers[] {
  return Array.from({ length: memory.byteLength / slotBytes }, (_, n) => ({
    content: Buffer.from(memory, n * slotBytes, contentBytes),
    chunk: Buffer.from(memory, n * slotBytes + contentBytes, slotBytes - contentBytes),
  }));
}
