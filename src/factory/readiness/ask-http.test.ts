import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { askHttp, type HttpQuestion } from './ask-http.ts';

const servers: Server[] = [];
const signal = new AbortController().signal;

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const question: HttpQuestion = { port: 80, path: '/', status: 200, contains: [], insecure: false };

/** The machine's own port is reached at another one here, as where low ports are not ours to open. */
async function asked(listener: RequestListener, more: Partial<HttpQuestion> = {}) {
  const port = await listening(createHttp(listener));
  const machine = { address: '127.0.0.9', reach: async () => ({ host: '127.0.0.1', port }) };
  return await askHttp({ ...question, ...more }, machine, signal);
}

test('status and text of the answer count, in any case of letters', async () => {
  const page: RequestListener = (_, response) => void response.end('<h1>LOGIN here</h1>');
  expect(await asked(page, { contains: ['kamiwaza', 'login'] })).toBeUndefined();
  expect(await asked(page, { contains: ['welcome'] })).toMatch(/nothing in it says 'welcome'/);
  expect(await asked(page, { status: 204 })).toMatch(/status 200, not 204/);
});

test('a redirect is followed, and one without end is not', async () => {
  const moved: RequestListener = ({ url }, response) => {
    if (url === '/login') response.end('login');
    else response.writeHead(302, { location: '/login' }).end();
  };
  expect(await asked(moved, { contains: ['login'] })).toBeUndefined();
  const around: RequestListener = (_, response) => void response.writeHead(302, { location: '/' }).end();
  expect(await asked(around)).toMatch(/status 302/);
});

test('where nobody answers, that is said', async () => {
  const machine = { address: '127.0.0.1', reach: async () => ({ host: '127.0.0.1', port: 1 }) };
  expect(await askHttp(question, machine, signal)).toMatch(/does not answer: .*ECONNREFUSED/);
});

test('a certificate that nobody vouches for is refused, unless that is asked for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ingot-certificate-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name)) as [string, string];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'].concat(
      ...[
        ['-subj', '/CN=test'],
        ['-keyout', key],
        ['-out', cert],
      ],
    ),
    { stdio: 'pipe' },
  );
  const server = createHttps({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
    response.end('login');
  });
  rmSync(folder, { recursive: true });
  const port = await listening(server);
  const machine = { address: '127.0.0.1', reach: async () => ({ host: '127.0.0.1', port }) };
  const https = { ...question, port: 443, contains: ['login'] };
  expect(await askHttp(https, machine, signal)).toMatch(/nobody vouches for its certificate/);
  expect(await askHttp({ ...https, insecure: true }, machine, signal)).toBeUndefined();
  const url = 'https://{address}/page';
  expect(await askHttp({ ...https, url, insecure: true }, machine, signal)).toBeUndefined();
});
