/** The one port: EC2's protocol at `/`, the factory's API and the admin door under their paths, and a sign of life. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { HttpHandler } from '../ec2/gateway.ts';
import { createHttpServer } from '../ec2/http-server.ts';

export interface Listener {
  readonly url: string;
  /** Takes no more requests and answers those that came, for as long as `drainMs`. */
  close(drainMs: number): Promise<void>;
}

export async function listen(options: {
  readonly address: string;
  readonly port: number;
  readonly gateway: HttpHandler;
  readonly admin: (request: Request) => Response | Promise<Response>;
  readonly api: (request: Request) => Response | Promise<Response>;
}): Promise<Listener> {
  const admin = getRequestListener(options.admin);
  const api = getRequestListener(options.api);
  const server = createHttpServer((request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '/';
    if (path === '/health') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}\n');
    } else if (path.startsWith('/admin/')) {
      void admin(request, response);
    } else if (path.startsWith('/api/')) {
      void api(request, response);
    } else {
      options.gateway(request, response);
    }
  });
  await bind(server, options.address, options.port);
  const { address, port, family } = server.address() as AddressInfo;
  return { url: urlOf(address, port, family), close: (drainMs) => close(server, drainMs) };
}

async function bind(server: Server, address: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, address, resolve);
  try {
    await promise;
  } catch (cause) {
    throw new Error(`Ingot can't listen on ${address} port ${port}: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return 'another program does. Give another port (--port, INGOT_PORT; 0 takes a free one)';
    case 'EACCES':
      return 'a port below 1024 needs privileges. Give one above (--port, INGOT_PORT)';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address. Mend `address` in config.yaml';
    default:
      return message;
  }
}

/** Who listens everywhere is reached here on loopback. */
function urlOf(address: string, port: number, family: string): string {
  const everywhere = address === '0.0.0.0' || address === '::';
  const host = everywhere ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}

async function close(server: Server, drainMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), drainMs);
  await promise;
  clearTimeout(timer);
}
