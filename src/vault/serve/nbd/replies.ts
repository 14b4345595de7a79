/** The replies of the transmission phase, simple and structured. */
import {
  allocationContextId,
  holeAndZero,
  replyChunk,
  replyDone,
  simpleReplyMagic,
  structuredReplyMagic,
} from './protocol.ts';

export const simpleHeadBytes = 16;
export const dataHeadBytes = 28;

export function writeSimpleHead(into: Buffer, cookie: bigint, error: number): void {
  into.writeUInt32BE(simpleReplyMagic, 0);
  into.writeUInt32BE(error, 4);
  into.writeBigUInt64BE(cookie, 8);
}

/** Of a reply that is one stretch of data; the data follows. */
export function writeDataHead(into: Buffer, cookie: bigint, offset: number, length: number): void {
  writeChunkHead(into, replyChunk.offsetData, cookie, 8 + length);
  into.writeBigUInt64BE(BigInt(offset), 20);
}

export function holeReply(cookie: bigint, offset: number, length: number): Buffer {
  const reply = Buffer.alloc(32);
  writeChunkHead(reply, replyChunk.offsetHole, cookie, 12);
  reply.writeBigUInt64BE(BigInt(offset), 20);
  reply.writeUInt32BE(length, 28);
  return reply;
}

export function emptyReply(structured: boolean, cookie: bigint): Buffer {
  const reply = Buffer.alloc(structured ? 20 : simpleHeadBytes);
  if (structured) writeChunkHead(reply, replyChunk.none, cookie, 0);
  else writeSimpleHead(reply, cookie, 0);
  return reply;
}

export function errorReply(structured: boolean, cookie: bigint, error: number, message: string): Buffer {
  if (!structured) {
    const reply = Buffer.alloc(simpleHeadBytes);
    writeSimpleHead(reply, cookie, error);
    return reply;
  }
  const text = Buffer.from(message).subarray(0, 4096);
  const reply = Buffer.alloc(26 + text.length);
  writeChunkHead(reply, replyChunk.error, cookie, 6 + text.length);
  reply.writeUInt32BE(error, 20);
  reply.writeUInt16BE(text.length, 24);
  text.copy(reply, 26);
  return reply;
}

export function statusReply(
  cookie: bigint,
  stretches: readonly { readonly length: number; readonly hole: boolean }[],
): Buffer {
  const reply = Buffer.alloc(24 + stretches.length * 8);
  writeChunkHead(reply, replyChunk.blockStatus, cookie, 4 + stretches.length * 8);
  reply.writeUInt32BE(allocationContextId, 20);
  for (const [n, { length, hole }] of stretches.entries()) {
    reply.writeUInt32BE(length, 24 + n * 8);
    reply.writeUInt32BE(hole ? holeAndZero : 0, 28 + n * 8);
  }
  return reply;
}

function writeChunkHead(into: Buffer, type: number, cookie: bigint, length: number): void {
  into.writeUInt32BE(structuredReplyMagic, 0);
  into.writeUInt16BE(replyDone, 4);
  into.writeUInt16BE(type, 6);
  into.writeBigUInt64BE(cookie, 8);
  into.writeUInt32BE(length, 16);
}
