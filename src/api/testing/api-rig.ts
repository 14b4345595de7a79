/** The API over what a test gives as its factory, asked in this process; every answer is held against the document. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Factory } from '../../factory/factory.ts';
import { silentLog } from '../../platform/log.ts';
import type { Access } from '../access/access.ts';
import { apiApp } from '../app.ts';
import { openRecords } from '../records.ts';
import { answerChecker } from './answer-checker.ts';

export interface ApiRig {
  readonly access: Access;
  /** With the token of the home unless told; a GET, or with a body a POST. */
  ask(path: string, asked?: Asked): Promise<Answer>;
  readonly app: ReturnType<typeof apiApp>;
  close(): Promise<void>;
}

export interface Asked {
  readonly method?: string;
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: never;
}

export const homeToken = 'secret';

/** `factory`: the parts that the routes under test use. */
export async function openApiRig(
  factory: Partial<Factory>,
  now: () => Date = () => new Date(),
): Promise<ApiRig> {
  const directory = await mkdtemp(join(tmpdir(), 'ingot-api-'));
  const records = await openRecords(directory, now);
  const access = { records, homeToken, now };
  const app = apiApp({ log: silentLog, now, ...partsOfRooms, ...factory } as Factory, {
    access,
    version: '0.1.0',
  });
  const authorization = `Bearer ${homeToken}`;
  const document = await app.request('/api/v1/openapi.json', { headers: { authorization } });
  const checker = answerChecker(await document.json());
  return {
    access,
    app,
    ask: async (path, { method, body, token = homeToken, headers = {} } = {}) => {
      const request = { method: method ?? (body === undefined ? 'GET' : 'POST'), path: `/api/v1${path}` };
      const response = await app.request(request.path, {
        method: request.method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      await checker.check(request, response);
      const text = await response.text();
      const answer = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
      return { status: response.status, headers: response.headers, body: answer as never };
    },
    close: async () => {
      await records.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** What rooms take apart before they are asked anything. */
const partsOfRooms = {
  workflows: { journals: {} },
  directories: { templates: [], builds: '', secrets: '' },
} as unknown as Partial<Factory>;
