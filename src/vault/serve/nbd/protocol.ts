/** The constants of the NBD protocol that a read-only server needs. Source: NetworkBlockDevice/nbd doc/proto.md. */
export const greeting = Buffer.concat([
  Buffer.from('NBDMAGICIHAVEOPT', 'latin1'),
  // Fixed newstyle, no zeroes.
  Buffer.from([0, 3]),
]);
export const optionMagic = 0x4948_4156_454f_5054n;
export const optionReplyMagic = 0x0003_e889_0455_65a9n;
export const clientNoZeroes = 2;

export const option = {
  exportName: 1,
  abort: 2,
  list: 3,
  info: 6,
  go: 7,
  structuredReply: 8,
  listMetaContext: 9,
  setMetaContext: 10,
} as const;

export const optionReply = {
  ack: 1,
  server: 2,
  info: 3,
  metaContext: 4,
  unsupported: 0x8000_0001,
  invalid: 0x8000_0003,
  unknown: 0x8000_0006,
  tooBig: 0x8000_0009,
} as const;

export const info = { export: 0, blockSize: 3 } as const;

export const transmissionFlag = {
  hasFlags: 1,
  readOnly: 2,
  sendFlush: 4,
  sendDf: 128,
  canMultiConn: 256,
  sendCache: 1024,
} as const;

export const requestMagic = 0x2560_9513;
export const requestBytes = 28;
export const simpleReplyMagic = 0x6744_6698;
export const structuredReplyMagic = 0x668e_33ef;

export const command = {
  read: 0,
  write: 1,
  disconnect: 2,
  flush: 3,
  trim: 4,
  cache: 5,
  writeZeroes: 6,
  blockStatus: 7,
} as const;

export const commandFlag = { dontFragment: 4, requestOne: 8 } as const;

export const replyChunk = { none: 0, offsetData: 1, offsetHole: 2, blockStatus: 5, error: 0x8001 } as const;
export const replyDone = 1;

export const errno = { notPermitted: 1, io: 5, invalid: 22, notSupported: 95 } as const;

export const allocationContext = 'base:allocation';
export const allocationContextId = 1;
/** Of 'base:allocation': not stored, and reads as zeros. */
export const holeAndZero = 3;

export const largestRequestBytes = 32 * 1024 * 1024;
export const preferredBlockBytes = 4096;
/** Options carry names, no data. */
export const largestOptionBytes = 64 * 1024;
