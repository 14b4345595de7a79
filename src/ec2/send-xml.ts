import type { ServerResponse } from 'node:http';

/** Answers once; a client that has gone is no error. */
export function sendXml(response: ServerResponse, status: number, xml: string, requestId: string): void {
  if (response.destroyed || response.headersSent) return;
  const body = Buffer.from(xml);
  response.writeHead(status, {
    'content-type': 'text/xml;charset=UTF-8',
    'content-length': body.length,
    'cache-control': 'no-cache, no-store',
    'x-amzn-requestid': requestId,
    ...(status === 405 && { allow: 'GET, POST' }),
    // What the client still has to send is not read.
    ...(status === 413 && { connection: 'close' }),
  });
  response.end(body);
}
