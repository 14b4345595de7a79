import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Target } from '../factory/targets/target.ts';
import { addToken } from './access/tokens.ts';
import { markLost } from './idempotency/answers.ts';
import { type ApiRig, homeToken, openApiRig } from './testing/api-rig.ts';

let rig: ApiRig;
let folder: string;
let now: Date;
/** Of the targets, in order. */
let asked: string[];
/** What a check waits for. */
let gate: Promise<void>;

beforeEach(async () => {
  now = new Date('2026-03-01T12:00:00.000Z');
  folder = await mkdtemp(join(tmpdir(), 'ingot-app-'));
  asked = [];
  gate = Promise.resolve();
  const targets = {
    describe: async () => ({ targets: [], mistakes: [] }),
    remove: async (name: string) => {
      asked.push(`remove ${name}`);
    },
    get: async (name: string) => {
      asked.push(`check ${name}`);
      await gate;
      return { regions: ['us-east-1'] } as unknown as Target;
    },
  };
  rig = await openApiRig({ targets } as never, () => now);
});

afterEach(async () => {
  await rig.close();
  await rm(folder, { recursive: true });
});

async function tokenOf(role: 'viewer' | 'operator' | 'admin', lifetimeMs?: number): Promise<string> {
  const name = `the-${role}`;
  return (await addToken(rig.access, { name, role, lifetimeMs, by: 'home' })).secret;
}

test('a request without a token, or with one that is unknown, altered or expired, is refused', async () => {
  const secret = await tokenOf('viewer', 3600_000);
  expect(await rig.ask('/targets', { token: secret })).toMatchObject({ status: 200 });
  for (const headers of [
    { authorization: '' },
    { authorization: 'Basic c2VjcmV0' },
    { authorization: secret },
  ]) {
    expect(await rig.ask('/targets', { headers })).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  }
  for (const token of [`${secret}x`, secret.slice(0, -1), 'ingot_', 'secre', 'secrett']) {
    expect(await rig.ask('/targets', { token })).toMatchObject({ status: 401 });
  }
  now = new Date(now.getTime() + 3600_000);
  const late = await rig.ask('/targets', { token: secret });
  expect(late).toMatchObject({
    status: 401,
    body: { detail: "The token 'the-viewer' expired at 2026-03-01T13:00:00.000Z" },
  });
  expect(late.headers.get('www-authenticate')).toBe('Bearer');
});

test('each role may what those before it may, and is told what it lacks', async () => {
  const [viewer, operator, admin] = [
    await tokenOf('viewer'),
    await tokenOf('operator'),
    await tokenOf('admin'),
  ];
  const check = { path: '/targets/aws/check', body: { features: 'x' } };
  const may = async (token: string) => ({
    look: (await rig.ask('/targets', { token })).status,
    operate: (await rig.ask(check.path, { token, body: check.body })).status,
    administer: (await rig.ask('/targets/aws', { method: 'DELETE', token })).status,
    readTokens: (await rig.ask('/tokens', { token })).status,
  });
  expect(await may(viewer)).toEqual({ look: 200, operate: 403, administer: 403, readTokens: 403 });
  expect(await may(operator)).toEqual({ look: 200, operate: 400, administer: 403, readTokens: 403 });
  expect(await may(admin)).toEqual({ look: 200, operate: 400, administer: 200, readTokens: 200 });
  expect(await rig.ask('/tokens', { token: viewer })).toMatchObject({
    body: {
      code: 'forbidden',
      detail: expect.stringContaining("'the-viewer' has the role viewer, and this needs admin"),
    },
  });
});

test('a token is shown once, listed without its secret, and opens nothing once removed', async () => {
  const added = await rig.ask('/tokens', { body: { name: 'ci', role: 'operator', expires_in: '90d' } });
  expect(added).toMatchObject({
    status: 201,
    body: {
      name: 'ci',
      role: 'operator',
      created_by: 'home',
      expires_at: '2026-05-30T12:00:00.000Z',
      used_at: null,
    },
  });
  const { secret } = added.body as { readonly secret: string };
  expect(await rig.ask('/targets', { token: secret })).toMatchObject({ status: 200 });
  const { body } = await rig.ask('/tokens');
  expect(body).toMatchObject({
    tokens: [{ name: 'ci', used_at: '2026-03-01T12:00:00.000Z' }],
    next_page_token: null,
  });
  expect(JSON.stringify(body)).not.toContain(secret);
  expect(await rig.ask('/tokens', { body: { name: 'ci', role: 'viewer' } })).toMatchObject({ status: 409 });
  expect(await rig.ask('/tokens', { body: { name: 'home', role: 'viewer' } })).toMatchObject({ status: 409 });
  expect(await rig.ask('/tokens/ci', { method: 'DELETE' })).toMatchObject({ status: 200 });
  expect(await rig.ask('/tokens/ci', { method: 'DELETE' })).toMatchObject({
    status: 404,
    body: { code: 'not-found' },
  });
  expect(await rig.ask('/targets', { token: secret })).toMatchObject({ status: 401 });
});

test('every answer has an id of its request: the one that came with it, where it can be one', async () => {
  const { headers } = await rig.ask('/targets', { headers: { 'x-request-id': 'mine-1' } });
  expect(headers.get('x-request-id')).toBe('mine-1');
  const odd = await rig.ask('/nothing', { headers: { 'x-request-id': 'a b' } });
  const id = odd.headers.get('x-request-id');
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(odd).toMatchObject({ status: 404, body: { code: 'no-such-route', request_id: id } });
});

test('what is no request of the API is refused with a problem that says the way out', async () => {
  const refused = async (path: string, asked: Parameters<ApiRig['ask']>[1]) => {
    const { status, body, headers } = await rig.ask(path, asked);
    expect(headers.get('content-type')).toBe('application/problem+json');
    return { status, ...(body as { code: string }) };
  };
  expect(await refused('/targetz', {})).toMatchObject({ status: 404, code: 'no-such-route' });
  expect(await refused('/targets', { method: 'PATCH' })).toMatchObject({
    status: 405,
    code: 'method-not-allowed',
  });
  expect((await rig.ask('/targets/aws', { method: 'POST', body: {} })).headers.get('allow')).toBe(
    'PUT, DELETE',
  );
  expect(await refused('/tokens', { body: '{"name":' })).toMatchObject({ status: 400, code: 'invalid' });
  expect(await refused('/tokens', { body: 'null' })).toMatchObject({ status: 400, code: 'invalid' });
  expect(await refused('/tokens', { body: {}, headers: { 'content-type': 'text/plain' } })).toMatchObject({
    status: 415,
    code: 'unsupported-media-type',
  });
  expect(await refused('/tokens', { body: 'x'.repeat(5 * 1024 * 1024) })).toMatchObject({
    status: 413,
    code: 'too-large',
  });
  expect(await refused('/tokens', { body: { name: 'No!', role: 'king', extra: 1 } })).toMatchObject({
    status: 400,
    errors: [{ pointer: '#/name' }, { pointer: '#/role' }, { pointer: '#' }],
  });
  expect(await refused('/tokens?limit=0', {})).toMatchObject({
    status: 400,
    errors: [{ parameter: 'limit' }],
  });
  expect(await refused('/tokens?page_token=e30.x', {})).toMatchObject({
    status: 400,
    errors: [{ parameter: 'page_token' }],
  });
});

const key = (value: string) => ({ 'idempotency-key': value });

test('a POST with a key is done once and answered as before, for a day', async () => {
  const ask = async () => await rig.ask('/targets/aws/check', { body: {}, headers: key('one') });
  const first = await ask();
  const again = await ask();
  expect(asked).toEqual(['check aws']);
  expect([first.status, again.status]).toEqual([200, 200]);
  expect(again.body).toEqual(first.body);
  expect([first, again].map((each) => each.headers.get('idempotency-replayed'))).toEqual([null, 'true']);
  now = new Date(now.getTime() + 25 * 3600_000);
  expect((await ask()).headers.get('idempotency-replayed')).toBeNull();
  expect(asked).toEqual(['check aws', 'check aws']);
});

test('of two requests at the same time with one key one is done, and the other told to wait', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  const ask = async (body: unknown) => await rig.ask('/targets/aws/check', { body, headers: key('one') });
  const first = ask({});
  await until(() => asked.length === 1);
  const second = await ask({});
  expect(second).toMatchObject({ status: 409, body: { code: 'in-progress' } });
  expect(second.headers.get('retry-after')).toBe('1');
  expect(await ask({ region: 'eu-west-1' })).toMatchObject({ status: 422, body: { code: 'key-reused' } });
  resolve();
  expect(await first).toMatchObject({ status: 200 });
  expect(await ask({ region: 'eu-west-1' })).toMatchObject({ status: 422, body: { code: 'key-reused' } });
  expect(asked).toEqual(['check aws']);
});

test("a key is its caller's own; after a refusal it can be tried again, and a secret is not kept for it", async () => {
  const admin = await tokenOf('admin');
  const wrong = await rig.ask('/targets/aws/check', { body: { features: [] }, headers: key('one') });
  expect(wrong.status).toBe(400);
  for (const token of [homeToken, admin]) {
    expect(await rig.ask('/targets/aws/check', { body: {}, headers: key('one'), token })).toMatchObject({
      status: 200,
    });
  }
  expect(asked).toEqual(['check aws', 'check aws']);
  const add = { body: { name: 'ci', role: 'viewer' }, headers: key('two') };
  expect(await rig.ask('/tokens', add)).toMatchObject({ status: 201 });
  expect(await rig.ask('/tokens', add)).toMatchObject({ status: 409, body: { code: 'answer-withheld' } });
  expect(
    await rig.ask('/tokens', { body: { name: 'cd', role: 'viewer' }, headers: key('two') }),
  ).toMatchObject({ status: 422 });
  expect(await rig.ask('/tokens', { body: {}, headers: key('a b') })).toMatchObject({ status: 400 });
});

test('what the server had not answered when it ended is neither done again nor called done', async () => {
  gate = new Promise(() => undefined);
  const ask = async () => await rig.ask('/targets/aws/check', { body: {}, headers: key('one') });
  void ask();
  await until(() => asked.length === 1);
  await markLost(rig.access);
  expect(await ask()).toMatchObject({ status: 409, body: { code: 'outcome-unknown' } });
  expect(asked).toEqual(['check aws']);
});

test('the audit log tells who did or tried what, and no secret', async () => {
  const viewer = await tokenOf('viewer');
  await rig.ask('/tokens', { body: { name: 'ci', role: 'operator' }, headers: { 'x-request-id': 'r-1' } });
  await rig.ask('/targets', { token: viewer });
  await rig.ask('/targets/aws', { method: 'DELETE', token: viewer });
  await rig.ask('/targets/aws', {
    method: 'PUT',
    body: { kind: 'aws', keys: { access_key_id: 'AKIA', secret_access_key: 'hush' }, session_token: 'hush' },
  });
  await rig.ask('/tokens', { token: viewer });
  const { body } = await rig.ask('/audit');
  expect(JSON.stringify(body)).not.toContain('hush');
  expect(body).toMatchObject({
    entries: [
      { action: 'listTokens', by: 'the-viewer', status: 403 },
      { action: 'putTarget', by: 'home', path: '/api/v1/targets/aws', asked: { kind: 'aws' }, status: 400 },
      { action: 'removeTarget', by: 'the-viewer', role: 'viewer', method: 'DELETE', status: 403 },
      {
        action: 'addToken',
        by: 'home',
        asked: { name: 'ci', role: 'operator' },
        status: 201,
        request_id: 'r-1',
      },
    ],
    next_page_token: null,
  });
  expect(await rig.ask('/audit?by=the-viewer')).toMatchObject({
    body: { entries: [{ status: 403 }, { status: 403 }] },
  });
  expect(await rig.ask('/audit?until=2026-03-01T12:00:00Z')).toMatchObject({ body: { entries: [] } });
});

test('the audit log has pages, newest first', async () => {
  for (const name of ['a', 'b', 'c']) await rig.ask('/tokens', { body: { name, role: 'viewer' } });
  const actions: string[] = [];
  let more = '';
  do {
    const { body } = await rig.ask(`/audit?action=addToken&limit=2${more}`);
    const page = body as {
      readonly entries: readonly { asked: { name: string } }[];
      readonly next_page_token: string | null;
    };
    actions.push(...page.entries.map(({ asked: { name } }) => name));
    more = page.next_page_token === null ? '' : `&page_token=${page.next_page_token}`;
  } while (more !== '');
  expect(actions).toEqual(['c', 'b', 'a']);
});

test("a viewer can't read files of the server's machine through what is wrong with them as templates", async () => {
  const viewer = await tokenOf('viewer');
  const operator = await tokenOf('operator');
  const file = join(folder, 'secret.yml');
  await writeFile(file, 'hush\n');
  const path = `/templates/${encodeURIComponent(file)}`;
  expect(await rig.ask(path, { token: viewer })).toMatchObject({ status: 403 });
  expect(await rig.ask(path, { token: operator })).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('hush') },
  });
  await mkdir(join(folder, 'templates'));
  await rename(file, join(folder, 'templates', 'secret.yml'));
  const from = `from=${encodeURIComponent(folder)}`;
  for (const asked of [`/templates?${from}`, `/templates/secret?${from}`]) {
    expect(JSON.stringify((await rig.ask(asked, { token: viewer })).body)).not.toContain('hush');
    expect(JSON.stringify((await rig.ask(asked, { token: operator })).body)).toContain('hush');
  }
  const checked = { template: 'secret', from: folder };
  for (const asked of ['/templates/validate', '/plans', '/batches/matrix']) {
    expect(await rig.ask(asked, { body: checked, token: viewer })).toMatchObject({ status: 403 });
  }
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
