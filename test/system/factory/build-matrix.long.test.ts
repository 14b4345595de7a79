/** Two regions and two architectures in one batch, on real machines. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { apiClient, replied } from '../../../src/cli/api-client.ts';
import { addBase } from '../../../src/cli/bases.ts';
import { type BuildBody, showBuild } from '../../../src/cli/builds/follow-build.ts';
import { type Context, localContext } from '../../../src/cli/context.ts';
import { ec2Client } from '../../../src/cli/ec2/client.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { openServer, type RunningServer } from '../../../src/server/open-server.ts';

const bases = join(tmpdir(), 'ingot-test-bases');
const regions = ['us-east-1', 'eu-west-1'];
const architectures = ['x86_64', 'arm64'] as const;

let home: string;
let server: RunningServer;
let context: Context;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ingot-build-matrix-'));
  await mkdir(bases, { recursive: true });
  await symlink(bases, join(home, 'bases'));
  server = await openServer(await loadConfig({ home, port: 0 }, {}));
  const found = await localContext(home);
  if (found === undefined) throw new Error('the server left no record of itself');
  context = found;
  for (const architecture of architectures) await addBase(context, 'tiny', architecture, () => undefined);
});

afterEach(async ({ task }) => {
  await server.close();
  if (task.result?.state === 'fail') console.error(`Kept for a look: ${home}`);
  else await rm(home, { recursive: true, force: true });
});

const template = `
name: Matrix
description: Built on real machines
base_ami: {source: tiny, architecture: [${architectures.join(', ')}]}
steps:
  - {name: mark, run: uname -m > /etc/built-on}
validation_tests:
  - {name: built on its own kind, command: test "$(cat /etc/built-on)" = "$(uname -m)" && uname -m, matches: '64'}
`;

test('one batch builds and proves an image for each architecture in each region', async () => {
  const file = join(home, 'matrix.yml');
  await writeFile(file, template);
  const builds = await batch({ templates: [file], regions, build_in_each: true });
  expect(builds.map(({ status, error }) => ({ status, error }))).toEqual(
    builds.map(() => ({ status: 'succeeded', error: null })),
  );
  const places = builds.map(({ region, architecture }) => `${region} ${architecture}`);
  const all = regions.flatMap((region) => architectures.map((architecture) => `${region} ${architecture}`));
  expect(places.toSorted()).toEqual(all.toSorted());
  for (const { architecture, proof, validation_results: results } of builds) {
    expect(proof?.ssh_seconds).toBeGreaterThan(0);
    const machine = architecture === 'arm64' ? 'aarch64' : 'x86_64';
    expect(results).toMatchObject([{ status: 'passed', output: expect.stringContaining(machine) }]);
  }
  for (const region of regions) expect(await ownArchitectures(region)).toEqual(architectures.toSorted());
});

async function batch(json: {
  readonly templates: string[];
  readonly regions: string[];
  readonly build_in_each: boolean;
}): Promise<readonly BuildBody[]> {
  const { builds } = await replied(apiClient(context).batches.$post({ json }), context.url);
  return await Promise.all(builds.map(rested));
}

async function rested(id: string): Promise<BuildBody> {
  for (;;) {
    const build = await showBuild(context, id);
    if (build.status !== 'running' && build.status !== 'ending') return build;
    await delay(500);
  }
}

async function ownArchitectures(region: string): Promise<readonly (string | undefined)[]> {
  const ec2 = await ec2Client(context, region);
  const { Images = [] } = await ec2.describeImages({ Owners: ['self'] });
  ec2.destroy();
  return Images.map(({ Architecture }) => Architecture).toSorted();
}
