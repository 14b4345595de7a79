/** HTTP/1.1 by hand: many requests in flight on one kept-alive socket, and sockets that break the rules. */
import { connect } from 'node:net';
import type { FuzzRequest } from './gateway-fuzz-requests.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Sends all at once and gives the answers in order; rejects when the server hangs up before the last. */
export function pipeline(port: number, requests: readonly FuzzRequest[]): Promise<readonly Answer[]> {
  return new Promise((resolve, reject) => {
    const answers: Answer[] = [];
    let received: Buffer = Buffer.alloc(0);
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(Buffer.concat(requests.map(({ bytes }) => bytes))),
    );
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        const taken = takeAnswer(received, requests[answers.length]?.method ?? '');
        if (!taken) break;
        answers.push(taken.answer);
        received = taken.rest;
      }
      if (answers.length === requests.length) {
        socket.destroy();
        resolve(answers);
      }
    });
    const lost = (error?: Error) => {
      const last = requests[answers.length]?.bytes.toString('latin1').slice(0, 600);
      reject(new Error(`The connection ended at: ${last}`, { cause: error }));
    };
    socket.on('error', lost);
    socket.on('close', () => answers.length < requests.length && lost());
  });
}

/** Sends, closes its side, and gives whatever came before the server closed too. */
export function throwAt(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    // A reset is an answer too: the server had hung up before it was sent everything.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });
}

function takeAnswer(received: Buffer, method: string): { answer: Answer; rest: Buffer } | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = received.subarray(0, end).toString('latin1');
  const length = method === 'HEAD' ? 0 : Number(/content-length: (\d+)/i.exec(head)?.[1]);
  const bodyEnd = end + 4 + length;
  if (received.length < bodyEnd) return undefined;
  const body = received.subarray(end + 4, bodyEnd).toString('utf8');
  return { answer: { status: Number(head.slice(9, 12)), body }, rest: received.subarray(bodyEnd) };
}
