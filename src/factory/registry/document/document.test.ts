import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findVersions } from '../find-versions.ts';
import { promote } from '../promote.ts';
import { parseReference } from '../reference.ts';
import { listChannels } from '../set-channel.ts';
import { openTestRegistry, type TestRegistry } from '../testing/registry.ts';
import { withdraw } from '../withdraw.ts';
import { exportRegistry, registryText } from './export-registry.ts';
import { importRegistry, parseRegistry } from './import-registry.ts';
import { mergeRegistry } from './merge-registry.ts';
import { readLocation } from './read-location.ts';

let registry: TestRegistry;
let other: TestRegistry;
let directory: string;
const at = new Date('2026-03-01T00:00:00.000Z');

beforeEach(async () => {
  [registry, other] = await Promise.all([openTestRegistry(), openTestRegistry()]);
  directory = await mkdtemp(join(tmpdir(), 'ingot-document-'));
});

afterEach(async () => {
  await Promise.all([registry.close(), other.close()]);
  await rm(directory, { recursive: true });
});

async function exported(from: TestRegistry = registry) {
  return await exportRegistry(from.db.read, { target: 'local', channel: 'latest' });
}

async function takeOver(text: string, into: TestRegistry = other) {
  const given = { target: 'local', by: 'ann', why: '', at };
  return await importRegistry(into.db, parseRegistry(text, 'registry.json'), given);
}

async function promoteTo(reference: string) {
  const given = { target: 'local', channel: 'stable', force: false, by: 'ann', why: '', at };
  await promote(registry.db, { ...given, reference: parseReference(reference) });
}

async function revoke(version: string, of: TestRegistry = registry) {
  const versions = await findVersions(of.db.read, { version });
  await of.db.write((tx) => withdraw(tx, versions, { by: 'ann', why: 'it leaks' }, at.toISOString()));
}

/** The form that registries had before Ingot. */
const plain = `{
  "version": "1.0",
  "last_updated": "2024-06-17T10:30:00Z",
  "templates": {
    "r-research": {
      "version": "v1.2.3",
      "description": "R + RStudio Server + tidyverse packages",
      "amis": {
        "us-east-1": {
          "x86_64": { "ami_id": "ami-0abcd1234", "created": "2024-06-17T08:30:00Z", "validated": true, "size_gb": 8 },
          "arm64": { "ami_id": "ami-0efab5678", "created": "2024-06-17T08:45:00Z", "validated": true, "size_gb": 8 }
        }
      },
      "ports": [22, 8787],
      "estimated_cost_per_hour": { "x86_64": 0.0464, "arm64": 0.0368 }
    }
  }
}`;

describe('a document of the plain form', () => {
  test('is taken over: versions marked imported, unproven, and the latest', async () => {
    expect(await takeOver(plain)).toMatchObject({ versions: 2, known: 0, channels: 2 });
    const versions = await findVersions(other.db.read, { template: 'r-research' });
    expect(versions).toMatchObject([
      { version: 'v1.2.3', architecture: 'arm64', origin: 'imported', proven: false },
      { version: 'v1.2.3', architecture: 'x86_64', imageId: 'ami-0abcd1234', sizeGiB: 8 },
    ]);
    expect(await takeOver(plain)).toMatchObject({ versions: 0, known: 2, channels: 0 });
  });

  test('comes out as it went in, but that nothing is validated here', async () => {
    await takeOver(plain);
    const [before, after] = [JSON.parse(plain), await exported(other)];
    const template = before.templates['r-research'];
    for (const region of Object.values<Record<string, { validated: boolean }>>(template.amis)) {
      for (const ami of Object.values(region)) ami.validated = false;
    }
    expect(after.templates['r-research']).toMatchObject(template);
  });
});

test('an export is told again by who takes it over: versions, channels, revocations', async () => {
  for (const version of ['v1', 'v2', 'v3']) await registry.add({ version, validated: version !== 'v3' });
  await registry.add({ version: 'v2', region: 'eu-west-1' });
  await promoteTo('web@v2');
  await revoke('v3');
  await takeOver(registryText(await exported()));
  const [here, there] = await Promise.all([exported(), exported(other)]);
  const facts = (document: typeof here) =>
    JSON.parse(JSON.stringify(document.templates), (name, value) => (name === 'validated' ? null : value));
  expect(facts(there)).toEqual(facts(here));
});

test('nothing changed gives the same bytes', async () => {
  await registry.add({ version: 'v1' });
  expect(registryText(await exported())).toBe(registryText(await exported()));
});

test('a channel that exists stays where it is, and that is told', async () => {
  await registry.add({ version: 'v2' });
  await other.add({ version: 'v1', imageId: 'ami-0000000000000000f' });
  const { kept } = await takeOver(registryText(await exported()));
  expect(kept).toEqual(['latest of web in us-east-1/x86_64 stays at v1; there it points to v2']);
});

test('a version that another image has here stops the whole import', async () => {
  await registry.add({ version: 'v0', region: 'eu-west-1' });
  await registry.add({ version: 'v1' });
  await other.add({ version: 'v1', imageId: 'ami-0000000000000000f' });
  await expect(takeOver(registryText(await exported()))).rejects.toThrow('has a version v1');
  expect(await findVersions(other.db.read, {})).toHaveLength(1);
});

test('a revocation elsewhere moves channels here', async () => {
  for (const version of ['v1', 'v2']) await registry.add({ version });
  await takeOver(registryText(await exported()));
  await revoke('v2');
  expect(await takeOver(registryText(await exported()))).toMatchObject({ revoked: 1 });
  expect(await listChannels(other.db.read, { channel: 'latest' })).toMatchObject([
    { imageId: 'ami-00000000000000001' },
  ]);
});

test.each([
  ['{', 'registry.json is no JSON'],
  ['{"version": "2.0", "last_updated": "2024-06-17T10:30:00Z", "templates": {}}', 'version: must be "1.0"'],
  [plain.replace('ami-0abcd1234', 'i-0abcd1234'), 'templates.r-research.amis.us-east-1.x86_64.ami_id'],
])('a document that is none is refused by its place: %#', async (text, words) => {
  await expect(takeOver(text)).rejects.toThrow(words);
});

describe('merging', () => {
  test('keeps what others wrote, and lays over it what this registry knows', async () => {
    const into = parseRegistry(plain, 'registry.json');
    await registry.add({ version: 'v1.2.4', template: 'r-research' });
    await registry.add({ version: 'v1' });
    const merged = mergeRegistry(into, await exported(), { template: 'r-research' });
    expect(Object.keys(merged.templates)).toEqual(['r-research']);
    expect(merged.templates['r-research']).toMatchObject({
      version: 'v1.2.4',
      amis: {
        'us-east-1': {
          x86_64: { ami_id: 'ami-00000000000000001' },
          arm64: { ami_id: 'ami-0efab5678', version: 'v1.2.3' },
        },
      },
    });
  });

  test('counts only the region and architecture named', async () => {
    await registry.add({ version: 'v1' });
    await registry.add({ version: 'v1', architecture: 'arm64' });
    const empty = { ...(await exported()), templates: {} };
    const merged = mergeRegistry(empty, await exported(), { architecture: 'arm64' });
    expect(Object.keys(merged.templates.web?.amis['us-east-1'] ?? {})).toEqual(['arm64']);
  });

  test('takes out what was revoked since', async () => {
    await registry.add({ version: 'v1' });
    const before = await exported();
    await revoke('v1');
    const merged = mergeRegistry(before, await exported());
    expect(merged.templates.web?.amis).toEqual({});
    expect(merged.templates.web?.versions[0]?.amis['us-east-1']?.x86_64?.revoked?.reason).toBe('it leaks');
  });

  test('into itself changes nothing', async () => {
    for (const version of ['v1', 'v2']) await registry.add({ version });
    await promoteTo('web@v1');
    const document = await exported();
    expect(registryText(mergeRegistry(document, document))).toBe(registryText(document));
  });
});

describe('a location', () => {
  let server: Server;
  let answers: { status: number; body: string };
  let asked: string[];
  let clock: number;

  beforeEach(async () => {
    answers = { status: 200, body: plain };
    asked = [];
    clock = at.getTime();
    server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers['if-none-match'] ?? ''}`.trim());
      const same = request.headers['if-none-match'] === '"1"' && answers.status === 200;
      response.writeHead(same ? 304 : answers.status, { etag: '"1"' }).end(same ? undefined : answers.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const read = () => {
    const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/images`;
    return readLocation({ location }, { directory: join(directory, 'copies'), now: () => new Date(clock) });
  };

  test('may be a file or a directory', async () => {
    await writeFile(join(directory, 'registry.json'), plain);
    const reader = { directory, now: () => at };
    for (const location of [directory, join(directory, 'registry.json')]) {
      expect((await readLocation({ location }, reader)).document.templates).toHaveProperty('r-research');
    }
    await expect(readLocation({ location: join(directory, 'none') }, reader)).rejects.toThrow(
      'no registry at',
    );
  });

  test('behind HTTP is asked once a minute, and then only for what is new', async () => {
    await read();
    await read();
    clock += 61_000;
    expect((await read()).document.templates).toHaveProperty('r-research');
    expect(asked).toEqual(['/images/registry.json', '/images/registry.json "1"']);
  });

  test('that fails is answered for by the copy, with its age and the reason', async () => {
    await read();
    clock += 3_600_000;
    answers = { status: 503, body: '' };
    expect(await read()).toMatchObject({
      stale: { reason: expect.stringContaining('answers 503'), readAt: at.toISOString() },
    });
  });

  test('that never answered is an error', async () => {
    answers = { status: 404, body: '' };
    await expect(read()).rejects.toThrow('answers 404');
  });
});
