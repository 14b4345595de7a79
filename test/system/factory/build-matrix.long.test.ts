/** Two regions and two architectures in one batch, on real machines. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { apiClient, replied } from '../../../src/cli/api-client.ts';
import { type BuildBody, showBuild } from '../../../src/cli/builds/follow-build.ts';
import { type CloudHome, openCloudHome } from '../cloud-home.ts';

const regions = ['us-east-1', 'eu-west-1'];
const architectures = ['x86_64', 'arm64'] as const;

let home: CloudHome;

beforeEach(async () => {
  home = await openCloudHome(regions);
  for (const architecture of architectures) await home.addBase('tiny', architecture);
});

afterEach(async ({ task }) => {
  await home.close({ keep: task.result?.state === 'fail' });
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
  const file = join(home.folder, 'matrix.yml');
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
  const { builds } = await replied(apiClient(home.context).batches.$post({ json }), home.context.url);
  return await Promise.all(builds.map(rested));
}

async function rested(id: string): Promise<BuildBody> {
  for (;;) {
    const build = await showBuild(home.context, id);
    if (build.status !== 'running' && build.status !== 'ending') return build;
    await delay(500);
  }
}

async function ownArchitectures(region: string): Promise<readonly (string | undefined)[]> {
  const { Images = [] } = await home.ec2In(region).describeImages({ Owners: ['self'] });
  return Images.map(({ Architecture }) => Architecture).toSorted();
}
