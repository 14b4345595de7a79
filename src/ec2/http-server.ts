/** An HTTP server whose limits hold against slow and oversized clients, and whose every error is EC2's XML. */
import { randomUUID } from 'node:crypto';
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { encodeFault } from './encode.ts';
import { Ec2Fault } from './faults.ts';
import type { HttpHandler } from './gateway.ts';

export const httpLimits: ServerOptions = {
  // A signed request has some 1 KiB of headers; a presigned one carries its parameters in the URL.
  maxHeaderSize: 64 * 1024,
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  // Longer than the SDK's pool keeps an idle connection, so that the client closes first.
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 5_000,
  // Node's own answer to a missing Host is no XML; a signature needs the header anyway.
  requireHostHeader: false,
};

/** A plain server over any handler; nothing listens yet. */
export function createHttpServer(handler: HttpHandler): Server {
  const server = createServer(httpLimits, handler);
  server.maxHeadersCount = 100;
  server.on('clientError', answerClientError);
  return server;
}

/** For what is no HTTP request at all; the connection ends with it. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const fault = faultOf(error.code);
  const requestId = randomUUID();
  const body = encodeFault(fault.code, fault.message, requestId);
  socket.end(
    `HTTP/1.1 ${fault.status} ${fault.code}\r\nContent-Type: text/xml;charset=UTF-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nx-amzn-requestid: ${requestId}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function faultOf(code: string | undefined): Ec2Fault {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Ec2Fault('RequestHeaderTooLarge', 'The headers of the request are too large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Ec2Fault('RequestTimeout', 'The request was not received in time');
    default:
      return new Ec2Fault('InvalidRequest', 'The request is not valid HTTP');
  }
}
