/**
 * One NBD client. What is at hand is answered while its request is parsed, without a promise in between; the rest when
 * it arrives, in whatever order. A client that does not read its answers is not read either.
 */
import type { Socket } from 'node:net';
import type { Log } from '../../../platform/log.ts';
import type { DiskExport } from '../export.ts';
import {
  answerOption,
  type FindExport,
  type Negotiation,
  optionReplyBytes,
  transmissionFlags,
} from './negotiate.ts';
import * as nbd from './protocol.ts';
import * as replies from './replies.ts';
import type { ReplyBuffers } from './reply-buffers.ts';

interface Request {
  readonly flags: number;
  readonly type: number;
  readonly cookie: bigint;
  readonly offset: number;
  readonly length: number;
}

/** Answers that may wait to be read before requests are left unread: few enough that their memory stays cached. */
const mostUnreadBytes = 1024 * 1024;

export function serveConnection(
  socket: Socket,
  find: FindExport,
  names: () => readonly string[],
  log: Log,
  buffers: ReplyBuffers,
): void {
  let unread: Buffer = Buffer.alloc(0);
  let skip = 0;
  let clientFlags: number | undefined;
  let known: Negotiation = { structured: false, allocationOf: undefined };
  let disk: DiskExport | undefined;

  socket.on('data', (data: Buffer) => {
    unread = unread.length === 0 ? data : Buffer.concat([unread, data]);
    takeAll();
  });
  socket.on('error', (error) => log.debug({ error }, 'nbd client went away'));
  socket.write(nbd.greeting);

  /** All that is here; waits with the rest where the client does not read what it is answered. */
  function takeAll(): void {
    while (takeUntilUnread()) {
      if (socket.writableLength <= mostUnreadBytes) continue;
      socket.pause();
      socket.once('drain', () => {
        socket.resume();
        takeAll();
      });
      return;
    }
  }

  /** True where it stopped because enough answers wait to be read. */
  function takeUntilUnread(): boolean {
    socket.cork();
    try {
      let at = 0;
      let taken = 1;
      while (taken > 0 && socket.writableLength <= mostUnreadBytes) {
        taken = take(at);
        at += taken;
      }
      unread = at < unread.length ? unread.subarray(at) : Buffer.alloc(0);
      return taken > 0;
    } catch (error) {
      log.warn({ error }, 'nbd client broke the protocol and is hung up on');
      socket.destroy();
      return false;
    } finally {
      socket.uncork();
    }
  }

  /** Takes one message from `unread` at `at`; answers its bytes, 0 where it is not all here. */
  function take(at: number): number {
    const here = unread.length - at;
    if (skip > 0) {
      const skipped = Math.min(skip, here);
      skip -= skipped;
      return skipped;
    }
    if (clientFlags === undefined) {
      if (here < 4) return 0;
      clientFlags = unread.readUInt32BE(at);
      return 4;
    }
    return disk === undefined ? takeOption(at, here) : takeRequest(disk, at, here);
  }

  function takeOption(at: number, here: number): number {
    if (here < 16) return 0;
    if (unread.readBigUInt64BE(at) !== nbd.optionMagic)
      throw new Error('An option does not begin with its magic');
    const code = unread.readUInt32BE(at + 8);
    const length = unread.readUInt32BE(at + 12);
    if (length > nbd.largestOptionBytes) {
      socket.write(optionReplyBytes(code, nbd.optionReply.tooBig, Buffer.alloc(0)));
      skip = length;
      return 16;
    }
    if (here < 16 + length) return 0;
    const data = unread.subarray(at + 16, at + 16 + length);
    if (code === nbd.option.exportName) chooseOldStyle(data.toString('utf8'));
    else {
      const answer = answerOption(code, data, known, find, names());
      known = { structured: answer.structured, allocationOf: answer.allocationOf };
      disk = answer.chosen;
      socket.write(answer.reply);
      if (answer.hangUp) socket.end();
    }
    return 16 + length;
  }

  /** The option that has no way to say no. */
  function chooseOldStyle(name: string): void {
    disk = find(name);
    if (disk === undefined) throw new Error(`There is no export '${name}'`);
    const head = Buffer.alloc(10);
    head.writeBigUInt64BE(BigInt(disk.sizeBytes), 0);
    head.writeUInt16BE(transmissionFlags(known), 8);
    socket.write(head);
    if (((clientFlags ?? 0) & nbd.clientNoZeroes) === 0) socket.write(Buffer.alloc(124));
  }

  function takeRequest(from: DiskExport, at: number, here: number): number {
    if (here < nbd.requestBytes) return 0;
    if (unread.readUInt32BE(at) !== nbd.requestMagic)
      throw new Error('A request does not begin with its magic');
    const request: Request = {
      flags: unread.readUInt16BE(at + 4),
      type: unread.readUInt16BE(at + 6),
      cookie: unread.readBigUInt64BE(at + 8),
      offset: Number(unread.readBigUInt64BE(at + 16)),
      length: unread.readUInt32BE(at + 24),
    };
    if (request.type === nbd.command.write) skip = request.length;
    answer(from, request);
    return nbd.requestBytes;
  }

  function answer(from: DiskExport, request: Request): void {
    const { type, cookie, offset, length } = request;
    const refuse = (error: number, message: string) =>
      socket.write(replies.errorReply(known.structured, cookie, error, message));
    const fits = length > 0 && offset + length <= from.sizeBytes;
    switch (type) {
      case nbd.command.read:
        if (!fits || length > nbd.largestRequestBytes)
          refuse(nbd.errno.invalid, `${length} bytes at ${offset} of ${from.sizeBytes}`);
        else read(from, request);
        return;
      case nbd.command.blockStatus:
        if (!fits || known.allocationOf !== from.name)
          refuse(nbd.errno.invalid, 'No such range, or no context was chosen');
        else tellStatus(from, request);
        return;
      case nbd.command.cache:
        if (!fits) refuse(nbd.errno.invalid, `${length} bytes at ${offset} of ${from.sizeBytes}`);
        else warm(from, request);
        return;
      case nbd.command.flush:
        socket.write(replies.emptyReply(known.structured, cookie));
        return;
      case nbd.command.disconnect:
        socket.end();
        return;
      case nbd.command.write:
      case nbd.command.trim:
      case nbd.command.writeZeroes:
        refuse(nbd.errno.notPermitted, 'A snapshot never changes');
        return;
      default:
        refuse(nbd.errno.notSupported, `Command ${type} is not known here`);
    }
  }

  function read(from: DiskExport, { cookie, offset, length }: Request): void {
    const headBytes = known.structured ? replies.dataHeadBytes : replies.simpleHeadBytes;
    const reply = buffers.take(headBytes + length);
    if (known.structured) replies.writeDataHead(reply, cookie, offset, length);
    else replies.writeSimpleHead(reply, cookie, 0);
    const data = reply.subarray(headBytes);
    const written = () => buffers.giveBack(reply);
    if (from.readNow(offset, data)) socket.write(reply, written);
    else later(cookie, from.readLater(offset, data), () => reply, written);
  }

  function tellStatus(from: DiskExport, { cookie, offset, length, flags }: Request): void {
    const one = (flags & nbd.commandFlag.requestOne) !== 0;
    later(cookie, from.status(offset, length), (all) =>
      replies.statusReply(cookie, one ? all.slice(0, 1) : all),
    );
  }

  function warm(from: DiskExport, { cookie, offset, length }: Request): void {
    const bytes = Buffer.allocUnsafe(Math.min(length, nbd.largestRequestBytes));
    later(cookie, from.readLater(offset, bytes), () => replies.emptyReply(known.structured, cookie));
  }

  function later<T>(
    cookie: bigint,
    work: Promise<T>,
    reply: (answer: T) => Buffer,
    written?: () => void,
  ): void {
    work.then(
      (answer) => socket.write(reply(answer), written),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        log.error({ error }, 'nbd read failed');
        socket.write(replies.errorReply(known.structured, cookie, nbd.errno.io, message));
      },
    );
  }
}
