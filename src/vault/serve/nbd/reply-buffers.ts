/**
 * Buffers of long replies, shared by all connections and used again once the kernel has taken them: fresh memory costs
 * a fault a page.
 */
export interface ReplyBuffers {
  take(bytes: number): Buffer;
  giveBack(buffer: Buffer): void;
}

/** Below, Node's own pool is faster. */
const smallestKeptBytes = 32 * 1024;
const mostKeptBytes = 8 * 1024 * 1024;

export function replyBuffers(): ReplyBuffers {
  // Clients ask for one or two lengths over and over.
  const kept = new Map<number, Buffer[]>();
  let keptBytes = 0;
  return {
    take(bytes) {
      const known = kept.get(bytes)?.pop();
      if (known === undefined) return Buffer.allocUnsafe(bytes);
      keptBytes -= bytes;
      return known;
    },
    giveBack(buffer) {
      if (buffer.length < smallestKeptBytes || keptBytes + buffer.length > mostKeptBytes) return;
      const ofLength = kept.get(buffer.length) ?? [];
      ofLength.push(buffer);
      kept.set(buffer.length, ofLength);
      keptBytes += buffer.length;
    },
  };
}
