/** The options of the NBD handshake: each is bytes in, bytes out, and what the connection knows afterwards. */
import type { DiskExport } from '../export.ts';
import {
  allocationContext,
  allocationContextId,
  info,
  largestRequestBytes,
  option,
  optionReply,
  optionReplyMagic,
  preferredBlockBytes,
  transmissionFlag,
} from './protocol.ts';

/** Finds an export by its name; '' means the only one. */
export type FindExport = (name: string) => DiskExport | undefined;

export interface Negotiation {
  readonly structured: boolean;
  /** The export that 'base:allocation' was asked for. */
  readonly allocationOf: string | undefined;
}

export interface OptionAnswer extends Negotiation {
  readonly reply: Buffer;
  /** Transmission begins. */
  readonly chosen?: DiskExport;
  readonly hangUp?: boolean;
}

export function answerOption(
  code: number,
  data: Buffer,
  known: Negotiation,
  find: FindExport,
  names: readonly string[],
): OptionAnswer {
  const reply = (type: number, body: Buffer | string = '') => optionReplyBytes(code, type, Buffer.from(body));
  const ack = reply(optionReply.ack);
  switch (code) {
    case option.abort:
      return { ...known, reply: ack, hangUp: true };
    case option.list:
      return {
        ...known,
        reply: Buffer.concat([...names.map((name) => reply(optionReply.server, named(name))), ack]),
      };
    case option.structuredReply:
      return { ...known, structured: true, reply: ack };
    case option.info:
    case option.go: {
      const name = stringAt(data, 0);
      const disk = name === undefined ? undefined : find(name);
      if (name === undefined)
        return { ...known, reply: reply(optionReply.invalid, 'The name of the export is cut short') };
      if (disk === undefined) {
        return {
          ...known,
          reply: reply(
            optionReply.unknown,
            `There is no export '${name}'; these are served: ${names.join(', ')}`,
          ),
        };
      }
      const facts = [
        reply(optionReply.info, exportInfo(disk, known)),
        reply(optionReply.info, blockSizeInfo()),
      ];
      return {
        ...known,
        reply: Buffer.concat([...facts, ack]),
        ...(code === option.go ? { chosen: disk } : {}),
      };
    }
    case option.listMetaContext:
    case option.setMetaContext:
      return answerMetaContext(code, data, known, find, reply);
    default:
      return { ...known, reply: reply(optionReply.unsupported) };
  }
}

function answerMetaContext(
  code: number,
  data: Buffer,
  known: Negotiation,
  find: FindExport,
  reply: (type: number, body?: Buffer | string) => Buffer,
): OptionAnswer {
  const name = stringAt(data, 0);
  const disk = name === undefined ? undefined : find(name);
  const queries = name === undefined ? undefined : queriesAt(data, 4 + Buffer.byteLength(name));
  if (queries === undefined || (code === option.setMetaContext && !known.structured)) {
    return { ...known, reply: reply(optionReply.invalid) };
  }
  if (disk === undefined)
    return { ...known, reply: reply(optionReply.unknown, `There is no export '${name}'`) };
  const listing = code === option.listMetaContext;
  const asked =
    queries.includes(allocationContext) || (listing && (queries.length === 0 || queries.includes('base:')));
  const id = Buffer.alloc(4);
  id.writeUInt32BE(listing ? 0 : allocationContextId);
  const context = asked
    ? [reply(optionReply.metaContext, Buffer.concat([id, Buffer.from(allocationContext)]))]
    : [];
  return {
    ...known,
    ...(listing ? {} : { allocationOf: asked ? disk.name : undefined }),
    reply: Buffer.concat([...context, reply(optionReply.ack)]),
  };
}

export function transmissionFlags({ structured }: Negotiation): number {
  const { hasFlags, readOnly, sendFlush, sendDf, canMultiConn, sendCache } = transmissionFlag;
  return hasFlags | readOnly | sendFlush | canMultiConn | sendCache | (structured ? sendDf : 0);
}

export function optionReplyBytes(code: number, type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(20);
  head.writeBigUInt64BE(optionReplyMagic, 0);
  head.writeUInt32BE(code, 8);
  head.writeUInt32BE(type, 12);
  head.writeUInt32BE(body.length, 16);
  return Buffer.concat([head, body]);
}

function exportInfo(disk: DiskExport, known: Negotiation): Buffer {
  const body = Buffer.alloc(12);
  body.writeUInt16BE(info.export, 0);
  body.writeBigUInt64BE(BigInt(disk.sizeBytes), 2);
  body.writeUInt16BE(transmissionFlags(known), 10);
  return body;
}

function blockSizeInfo(): Buffer {
  const body = Buffer.alloc(14);
  body.writeUInt16BE(info.blockSize, 0);
  body.writeUInt32BE(1, 2);
  body.writeUInt32BE(preferredBlockBytes, 6);
  body.writeUInt32BE(largestRequestBytes, 10);
  return body;
}

function named(name: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(name));
  return Buffer.concat([length, Buffer.from(name)]);
}

function stringAt(data: Buffer, at: number): string | undefined {
  if (data.length < at + 4) return undefined;
  const length = data.readUInt32BE(at);
  return data.length < at + 4 + length ? undefined : data.toString('utf8', at + 4, at + 4 + length);
}

function queriesAt(data: Buffer, at: number): readonly string[] | undefined {
  if (data.length < at + 4) return undefined;
  const queries: string[] = [];
  let next = at + 4;
  for (let left = data.readUInt32BE(at); left > 0; left--) {
    const query = stringAt(data, next);
    if (query === undefined) return undefined;
    queries.push(query);
    next += 4 + Buffer.byteLength(query);
  }
  return queries;
}
