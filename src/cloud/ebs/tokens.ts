/**
 * Block tokens and page tokens. Nothing is kept for them: each carries what it stands for, signed. A block token says
 * that the list of its snapshot named the block, and until when it is good.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { invalid } from '../../ec2/ebs/faults.ts';
import type { SnapshotId } from '../../platform/ids.ts';

const tagBytes = 16;
const numberBytes = 4;
const blockTokenDays = 7;

/** When tokens that are made now end. */
export function blockTokenExpiry(now: Date): Date {
  const at = now.getTime() + blockTokenDays * 86_400_000;
  return new Date(Math.floor(at / 1000) * 1000);
}

export function blockToken(secret: Uint8Array, snapshotId: SnapshotId, index: number, expiry: Date): string {
  const seconds = numberOf(expiry.getTime() / 1000);
  return Buffer.concat([seconds, tag(secret, ['block', snapshotId, String(index)], seconds)]).toString(
    'base64',
  );
}

/** Throws ValidationException where it is another block's, forged, or over. */
export function checkBlockToken(
  secret: Uint8Array,
  block: {
    readonly snapshotId: SnapshotId;
    readonly index: number;
    readonly token: string;
    readonly now: Date;
  },
): void {
  const seconds = opened(secret, ['block', block.snapshotId, String(block.index)], block.token);
  if (seconds === undefined) {
    throw invalid(
      'INVALID_BLOCK_TOKEN',
      `The block token is not the one of block ${block.index} of ${block.snapshotId}; list the blocks for theirs.`,
    );
  }
  if (seconds * 1000 < block.now.getTime()) {
    throw invalid('INVALID_BLOCK_TOKEN', 'The block token has expired; list the blocks for new ones.');
  }
}

/** `question`: the call and what it asks for, but not the page's size. */
export function pageToken(secret: Uint8Array, question: readonly string[], nextBlock: number): string {
  const number = numberOf(nextBlock);
  return Buffer.concat([number, tag(secret, ['page', ...question], number)]).toString('base64');
}

/** The block where the page begins. */
export function readPageToken(secret: Uint8Array, question: readonly string[], token: string): number {
  const nextBlock = opened(secret, ['page', ...question], token);
  if (nextBlock !== undefined) return nextBlock;
  throw invalid('INVALID_PAGE_TOKEN', 'The page token belongs to another request or was changed.');
}

function opened(secret: Uint8Array, what: readonly string[], token: string): number | undefined {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.length !== numberBytes + tagBytes) return undefined;
  const number = bytes.subarray(0, numberBytes);
  const expected = tag(secret, what, number);
  return timingSafeEqual(bytes.subarray(numberBytes), expected) ? number.readUInt32BE(0) : undefined;
}

function tag(secret: Uint8Array, what: readonly string[], number: Buffer): Buffer {
  const signed = createHmac('sha256', secret)
    .update(JSON.stringify(['ebs', ...what]))
    .update(number);
  return signed.digest().subarray(0, tagBytes);
}

function numberOf(value: number): Buffer {
  const bytes = Buffer.alloc(numberBytes);
  bytes.writeUInt32BE(value);
  return bytes;
}
