/** A target whose endpoint throttles and drops connections, and passes on the rest. */
import { createServer, request } from 'node:http';
import { type Listening, listen } from '../../kit/listen.ts';

export interface RoughEndpoint extends Listening {
  readonly refused: { throttled: number; dropped: number };
}

/** Of every ten requests one is throttled, one is dropped before it is passed on, one after. */
export async function roughEndpoint(behind: string): Promise<RoughEndpoint> {
  const refused = { throttled: 0, dropped: 0 };
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    count += 1;
    if (count % 10 === 3) {
      refused.throttled += 1;
      outgoing.writeHead(503, { 'content-type': 'text/xml' });
      outgoing.end(
        '<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors><RequestID>r</RequestID></Response>',
      );
      return;
    }
    const isDropped = count % 10 === 6;
    if (isDropped || count % 10 === 9) refused.dropped += 1;
    if (isDropped) {
      incoming.socket.destroy();
      return;
    }
    const isCut = count % 10 === 9;
    const passed = request(
      behind,
      { method: incoming.method, path: incoming.url, headers: incoming.headers },
      (answer) => {
        if (isCut) {
          answer.resume();
          incoming.socket.destroy();
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    passed.on('error', () => incoming.socket.destroy());
    incoming.pipe(passed);
  });
  return { ...(await listen(server)), refused };
}
