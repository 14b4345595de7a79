import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { roles } from '../access/roles.ts';
import { type ApiRig, openApiRig } from '../testing/api-rig.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
  readonly 'x-role': string;
  readonly 'x-audited'?: boolean;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly type?: unknown }>> };
}

let rig: ApiRig;
let document: Document;
let operations: readonly (Operation & { readonly place: string })[];

beforeAll(async () => {
  rig = await openApiRig({});
  document = (await rig.ask('/openapi.json')).body;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      place: `${method.toUpperCase()} ${path}`,
    })),
  );
});

afterAll(async () => {
  await rig.close();
});

test('the document is valid OpenAPI 3.1', async () => {
  expect(document.openapi).toBe('3.1.0');
  const result = await new Validator().validate(structuredClone(document) as never);
  expect(result.valid, JSON.stringify(result.errors)).toBe(true);
});

test('every route that is served is in the document, and nothing else', () => {
  const served = rig.app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:([^/]+)/g, '{$1}')}`);
  expect([...new Set(served)].sort()).toEqual(operations.map(({ place }) => place).sort());
});

test('every operation has an id of its own that starts with a verb, a summary, a role and a tag', () => {
  const ids = operations.map(({ operationId }) => operationId);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  for (const { operationId, summary, tags, place, 'x-role': role } of operations) {
    expect(operationId, `${place} needs an operationId`).toMatch(/^[a-z]+([A-Z][a-z]*)+$/);
    expect(summary, `${place} needs a summary`).toMatch(/^[A-Z].*[^.]$/);
    expect(roles).toContain(role);
    expect(tags[0], place).toMatch(/^[a-z]/);
  }
});

test('every refusal is a problem', () => {
  for (const { place, responses } of operations) {
    for (const [status, { content = {} }] of Object.entries(responses)) {
      if (Number(status) < 400) continue;
      expect(Object.keys(content), `${place} ${status}: see refusals in src/api/room.ts`).toEqual([
        'application/problem+json',
      ]);
    }
  }
});

test('every POST takes a key, and what is looked at takes a GET unless it needs a body', () => {
  for (const { place, parameters = [] } of operations) {
    const takesKey = parameters.some(({ name }) => name === 'Idempotency-Key');
    expect(takesKey, place).toBe(place.startsWith('POST '));
  }
});

test('what answers with a private key is for operators, and is written down', () => {
  const withKey = operations.filter(({ responses }) => JSON.stringify(responses).includes('private_key'));
  expect(withKey.length).toBeGreaterThan(0);
  for (const { place, 'x-role': role, 'x-audited': audited } of withKey) {
    expect({ place, role, audited }).toEqual({ place, role: 'operator', audited: true });
  }
});

test('no named schema is null by itself: who names it may make it so with orNull', () => {
  const nullable = Object.entries(document.components.schemas)
    .filter(([, { type }]) => Array.isArray(type) && type.includes('null'))
    .map(([name]) => name);
  expect(nullable).toEqual([]);
});
