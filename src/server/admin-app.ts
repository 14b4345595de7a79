/**
 * The admin door over HTTP: `/admin/v1/…`, JSON, behind a token. Loopback opens nothing by itself,
 * because every guest reaches the host's loopback through its gateway.
 */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { requestId } from 'hono/request-id';
import { z } from 'zod';
import type { Access } from '../api/access/access.ts';
import { authenticated, permitted } from '../api/access/guard.ts';
import { audited } from '../api/audit/audited.ts';
import { answerProblem, RequestProblem } from '../api/problem.ts';
import type { AdminDoor } from '../cloud/admin/admin-door.ts';
import type { MachineStatus } from '../node/contract.ts';
import type { InstanceId } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import { diskFilesApp } from './disk-files-app.ts';
import { body } from './json-body.ts';
import { vaultApp } from './vault-app.ts';

export interface ServerFacts {
  readonly version: string;
  readonly pid: number;
  readonly home: string;
  readonly startedAt: string;
  readonly regions: readonly string[];
  readonly accountId: string;
}

const bodyLimitBytes = 64 * 1024;

const accountSchema = z.strictObject({ name: z.string() });

const baseSchema = z.strictObject({
  imageName: z.string().min(3).max(128),
  description: z.string().max(255),
  architecture: z.enum(['x86_64', 'arm64']),
  firmware: z.enum(['bios', 'uefi']),
  sshUser: z.string().min(1).max(32),
  alias: z.string().min(1).max(64),
  file: z.string().startsWith('/', 'must be an absolute path on the server'),
});

export type AdminApp = ReturnType<typeof adminApp>;

export function adminApp(parts: {
  readonly door: AdminDoor;
  /** What the node knows of an instance's machine: which ports are open, and where. */
  readonly machine: (instanceId: InstanceId) => Promise<MachineStatus>;
  readonly access: Access;
  readonly facts: ServerFacts;
  readonly log: Log;
}) {
  const { door, access, facts, log } = parts;
  return (
    new Hono()
      .basePath('/admin/v1')
      .use(requestId())
      .use(authenticated(access))
      .use(bodyLimit({ maxSize: bodyLimitBytes }))
      .use(
        audited(access, {
          isAudited: (c) => c.req.method !== 'GET',
          actionOf: (c) => `${c.req.method} ${c.req.path}`,
        }),
      )
      .use(permitted((c) => (c.req.method === 'GET' ? 'viewer' : 'admin')))
      .get('/status', async (c) => c.json({ ...facts, nodes: await door.nodes() }))
      .get('/accounts', async (c) => c.json(await door.listAccounts()))
      .post('/accounts', body(accountSchema), async (c) =>
        c.json(await door.addAccount(c.req.valid('json').name)),
      )
      .post('/bases', body(baseSchema), async (c) =>
        c.json({ images: await door.addBase(c.req.valid('json')) }),
      )
      .route('/vault', vaultApp(door.vault))
      .route('/disk-files', diskFilesApp(door.diskFiles))
      .get('/machines/:instanceId', async (c) =>
        c.json(await parts.machine(c.req.param('instanceId') as InstanceId)),
      )
      .notFound((c) => {
        throw new RequestProblem('no-such-route', `There is no ${c.req.method} ${c.req.path} here`);
      })
      // A RangeError: what the caller gave breaks a rule, in words made for them.
      .onError((error, c) =>
        answerProblem(
          error instanceof RangeError ? new RequestProblem('invalid', error.message) : error,
          c,
          log,
        ),
      )
  );
}
