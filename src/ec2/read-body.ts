import type { IncomingMessage } from 'node:http';
import { Ec2Fault } from './faults.ts';

export const maxBodyBytes = 1024 * 1024;
/** A client that is cut off in mid-send never reads the answer, so this much is read and thrown away. */
const maxDiscardedBytes = 8 * maxBodyBytes;

/** Thrown when the client went away before its request was whole: there is nobody to answer. */
export class ClientGone extends Error {}

/** The whole body. Throws RequestEntityTooLarge above 1 MiB, ClientGone. */
export function readBody(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const tooLarge = () =>
      reject(new Ec2Fault('RequestEntityTooLarge', `A request may be at most ${maxBodyBytes} bytes`));
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBodyBytes) chunks.push(chunk);
      else chunks.length = 0;
      if (size > maxDiscardedBytes) tooLarge();
    });
    request.on('end', () => (size > maxBodyBytes ? tooLarge() : resolve(joined(chunks))));
    request.on('error', (cause) => reject(new ClientGone('The request ended early', { cause })));
    request.on('close', () => reject(new ClientGone('The request ended early')));
  });
}

function joined(chunks: readonly Buffer[]): Uint8Array {
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}
