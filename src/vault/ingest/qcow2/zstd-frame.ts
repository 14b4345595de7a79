/**
 * Where a zstd frame ends. Compressed clusters lie packed one behind the other and their length is known only in
 * sectors, so what follows a frame belongs to the next. Source: RFC 8878, 3.1.1.
 */
const magic = 0xfd2f_b528;
const dictionaryBytes = [0, 1, 2, 4];
const contentSizeBytes = [0, 2, 4, 8];
const repeatedByte = 1;

/** Throws a RangeError where the frame is not all in `bytes`. */
export function zstdFrameBytes(bytes: Buffer): number {
  if (bytes.readUInt32LE(0) !== magic) throw new Error('it does not begin with the magic of zstd');
  const descriptor = bytes.readUInt8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 && singleSegment ? 1 : (contentSizeBytes[sizeFlag] ?? 0);
  let at = 5 + (singleSegment ? 0 : 1) + (dictionaryBytes[descriptor & 3] ?? 0) + sizeBytes;
  for (let last = false; !last; ) {
    const header = bytes.readUIntLE(at, 3);
    last = (header & 1) === 1;
    at += 3 + (((header >> 1) & 3) === repeatedByte ? 1 : header >> 3);
  }
  return at + ((descriptor & 4) !== 0 ? 4 : 0);
}
