/** What a build promises, on a real server whose machines are simulated. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readClientSecrets } from '../../../src/server/secrets.ts';
import { type BuildBody, type FactoryRig, nothing, openFactoryRig } from './factory-rig.ts';
import { plainEndpoint } from './plain-endpoint.ts';
import { roughEndpoint } from './rough-endpoint.ts';

let rig: FactoryRig;

beforeEach(async () => {
  rig = await openFactoryRig();
});

afterEach(async () => {
  await rig.close();
});

const sample = (steps: Readonly<Record<string, string>>, more = '') =>
  [
    'name: Sample',
    'description: A sample',
    'base_ami: {source: tiny, architecture: [x86_64]}',
    'steps:',
    ...Object.entries(steps).map(([name, run]) => `  - {name: ${name}, run: "${run}"}`),
    'validation_tests:',
    '  - {name: it works, command: check it, expected: fine}',
    more,
  ].join('\n');

const fine = () => ({ status: 0, stdout: 'fine\n' });

async function ownImages(region?: string) {
  return (await rig.ec2(region).describeImages({ Owners: ['self'] })).Images ?? [];
}

/** The server's own cloud, with its own keys, at another address. */
async function addTarget(name: string, url: string): Promise<void> {
  const { root } = (await readClientSecrets(rig.home)) ?? {};
  const keys = { access_key_id: root?.accessKeyId, secret_access_key: root?.secretAccessKey };
  const regions = ['us-east-1', 'eu-west-1'];
  const settings = { targets: { [name]: { kind: 'endpoint', url, regions, keys } } };
  await writeFile(join(rig.home, 'targets.yaml'), stringify(settings), { mode: 0o600 });
}

test('a build ends in an image that is proven, tagged and registered, and leaves nothing else', async () => {
  rig.guests.answer = fine;
  const template = await rig.template(sample({ one: 'echo 1', two: 'echo 2' }, 'tags: {Team: red}'));
  const build = await rig.build(template, { version: 'v1', copy_to_regions: ['eu-west-1'] });
  expect(build).toMatchObject({ status: 'succeeded', error: null, left_over: [] });
  expect(build.validation_results).toMatchObject([{ name: 'it works', status: 'passed' }]);
  const [image] = await ownImages();
  expect(image).toMatchObject({
    ImageId: build.ami_id,
    Name: build.ami_name,
    State: 'available',
    Public: false,
  });
  const tags = Object.fromEntries((image?.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  expect(tags).toMatchObject({ Team: 'red', 'ingot:template': 'sample', 'ingot:version': 'v1' });
  expect((await ownImages('eu-west-1'))[0]?.ImageId).toBe(build.copies[0]?.ami_id);
  expect(await rig.leftOvers()).toEqual(nothing);
  const { body: log } = await rig.ask<{ builds: BuildBody[] }>('GET', '/builds?template=sample');
  expect(log.builds.map(({ build_id }) => build_id)).toEqual([build.build_id]);
});

test('a second build takes the steps that did not change from the cache', async () => {
  rig.guests.answer = fine;
  await rig.build(await rig.template(sample({ one: 'echo 1', two: 'echo 2' })));
  rig.guests.ran.length = 0;
  const build = await rig.build(await rig.template(sample({ one: 'echo 1', two: 'echo changed' })));
  expect(build.steps.map(({ cached }) => cached)).toEqual([true, false]);
  expect(rig.guests.ran).toEqual(['echo changed']);
  expect(await rig.leftOvers()).toEqual(nothing);
});

test.each([
  ['no-cache', { cache: false }, ['echo 1', 'echo 2']],
  ['from-step', { from_step: 'two' }, ['echo 2']],
])('%s runs steps that are cached', async (_, request, ran) => {
  rig.guests.answer = fine;
  const template = await rig.template(sample({ one: 'echo 1', two: 'echo 2' }));
  await rig.build(template);
  rig.guests.ran.length = 0;
  await rig.build(template, request);
  expect(rig.guests.ran).toEqual(ran);
});

test('a step that fails ends the build with its status and place, and nothing is left', async () => {
  const build = await rig.build(await rig.template(sample({ one: 'echo 1', two: 'exit 7' })));
  expect(build).toMatchObject({ status: 'failed', ami_id: null, error: { step: 'step:two' } });
  expect(build.error?.message).toMatch(/ended with status 7 .*sample\.yml:6/);
  expect(await rig.leftOvers()).toEqual(nothing);
  expect(await ownImages()).toEqual([]);
});

test('a failed build that is kept goes on from the step that failed, with the mended template', async () => {
  rig.guests.answer = fine;
  const held = await rig.build(await rig.template(sample({ one: 'echo 1', two: 'exit 7' })), {
    on_failure: 'keep',
  });
  expect(held.status).toBe('held');
  expect((await rig.leftOvers()).instances).toHaveLength(1);
  await rig.template(sample({ one: 'echo other', two: 'exit 0' }));
  const refused = await rig.ask<{ detail: string }>('POST', `/builds/${held.build_id}/resume`);
  expect(refused.status).toBe(409);
  expect(refused.body.detail).toContain("its step 'one' has run already");
  await rig.template(sample({ one: 'echo 1', two: 'exit 0' }));
  await rig.ask('POST', `/builds/${held.build_id}/resume`);
  expect((await rig.settled(held.build_id)).status).toBe('succeeded');
  expect(rig.guests.ran).toEqual(['echo 1', 'exit 7', 'exit 0']);
  expect(await rig.leftOvers()).toEqual(nothing);
});

test('giving up a kept build removes its machine', async () => {
  const held = await rig.build(await rig.template(sample({ one: 'exit 7' })), { on_failure: 'keep' });
  await rig.ask('POST', `/builds/${held.build_id}/cancel`);
  expect(await rig.leftOvers()).toEqual(nothing);
});

test('a validation that fails makes no image', async () => {
  rig.guests.answer = () => ({ status: 0, stdout: 'broken' });
  const build = await rig.build(await rig.template(sample({ one: 'echo 1' })));
  expect(build).toMatchObject({ status: 'failed', error: { step: 'checks' } });
  expect(build.error?.message).toContain("'it works' fails: 'broken', expected 'fine'");
  expect(await ownImages()).toEqual([]);
  expect(await rig.leftOvers()).toEqual(nothing);
});

test('an image whose machine fails the checks is removed, and no version is registered', {
  timeout: 120_000,
}, async () => {
  let machines = 0;
  rig.guests.answer = () => {
    machines += 1;
    return { status: 0, stdout: machines === 1 ? 'fine' : 'broken' };
  };
  const build = await rig.build(await rig.template(sample({ one: 'echo 1' })), {
    copy_to_regions: ['eu-west-1'],
  });
  expect(build).toMatchObject({ status: 'failed', error: { step: 'proof' } });
  expect([...(await ownImages()), ...(await ownImages('eu-west-1'))]).toEqual([]);
  expect(await rig.leftOvers()).toEqual(nothing);
});

test('a name that is taken in the second region is refused before anything is made', async () => {
  rig.guests.answer = fine;
  const template = await rig.template(sample({ one: 'echo 1' }));
  await rig.build(template, { region: 'eu-west-1', ami_name: 'taken' });
  const refused = await rig.ask<{ detail: string }>('POST', '/builds', {
    template,
    ami_name: 'taken',
    copy_to_regions: ['eu-west-1'],
  });
  expect(refused.status).toBe(409);
  expect(refused.body.detail).toMatch(/taken by ami-\w+ in eu-west-1/);
});

test('a target that throttles and drops connections is waited for, and nothing is made twice', {
  timeout: 180_000,
}, async () => {
  rig.guests.answer = fine;
  const rough = await roughEndpoint(rig.url);
  await addTarget('rough', rough.url);
  const template = await rig.template(sample({ one: 'echo 1' }));
  const build = await rig.build(template, { target: 'rough' });
  expect(build).toMatchObject({ status: 'succeeded', error: null, left_over: [] });
  expect(rough.refused.throttled).toBeGreaterThan(1);
  expect(rough.refused.dropped).toBeGreaterThan(2);
  expect(await ownImages()).toHaveLength(1);
  expect(await rig.leftOvers()).toEqual(nothing);
  await rough.close();
});

test('an EC2 that knows nothing of Ingot will do: build, cache, plan, copy, share', {
  timeout: 180_000,
}, async () => {
  rig.guests.answer = fine;
  const plain = await plainEndpoint(rig.url, rig.ec2());
  await addTarget('plain', plain.url);
  const share_with = ['210987654321'];
  const request = { target: 'plain', cache: true, copy_to_regions: ['eu-west-1'], share_with };
  await rig.build(await rig.template(sample({ one: 'echo 1', two: 'echo 2' })), request);
  const template = await rig.template(sample({ one: 'echo 1', two: 'echo changed' }));
  const plan = await rig.ask('POST', '/plans', { template, ...request });
  expect(plan.body).toMatchObject({ steps: [{ cached: true }, { cached: false }], name_clashes: [] });
  const build = await rig.build(template, request);
  expect(build).toMatchObject({ status: 'succeeded', error: null, left_over: [] });
  expect(build.steps.map(({ cached }) => cached)).toEqual([true, false]);
  const images = [await ownImages(), await ownImages('eu-west-1')];
  expect(images.map(({ length }) => length)).toEqual([2, 2]);
  const tagged = Object.fromEntries(images.flat().map(({ ImageId, Tags = [] }) => [ImageId, Tags]));
  for (const id of [build.ami_id, build.copies[0]?.ami_id])
    expect(tagged[id ?? '']).toContainEqual({ Key: 'plain:build', Value: build.build_id });
  expect(plain.actions).toContain('CopyImage');
  expect({ ...(await rig.leftOvers()), snapshots: [] }).toEqual(nothing);
  await plain.close();
});

test('a machine whose SSH never answers is named with the check that it fails, and removed', async () => {
  rig.guests.closedAt = 'greeting';
  const build = await rig.build(await rig.template(sample({ one: 'echo 1' })));
  expect(build).toMatchObject({ status: 'failed', error: { step: 'ssh' } });
  expect(build.error?.message).toMatch(/the check 'greeting' does not pass .* sshd is broken/);
  expect(await rig.leftOvers()).toEqual(nothing);
});

test('a plan tells what is cached, why the rest runs, and changes nothing', async () => {
  rig.guests.answer = fine;
  await rig.build(await rig.template(sample({ one: 'echo 1', two: 'echo 2' })), { version: 'v1' });
  const template = await rig.template(sample({ one: 'echo 1', two: 'echo other' }));
  const before = await ownImages();
  const plan = await rig.ask('POST', '/plans', { template, version: 'v2', copy_to_regions: ['eu-west-1'] });
  expect(plan.body).toMatchObject({
    steps: [
      { name: 'one', cached: true },
      { name: 'two', cached: false, why: 'no layer has it as it is now' },
    ],
    name_clashes: [],
    channel_moves: [
      { region: 'us-east-1', channel: 'latest', from: 'v1', to: 'v2' },
      { region: 'eu-west-1', channel: 'latest', from: null, to: 'v2' },
    ],
  });
  expect(await ownImages()).toEqual(before);
  expect(await rig.leftOvers()).toEqual(nothing);
});

test('a plan tells what a cleanup would let go of then, and why; what somebody needs is not among it', async () => {
  rig.guests.answer = fine;
  const template = await rig.template(sample({ one: 'echo 1' }, 'retention: {keep_latest: 2}'));
  const [oldest] = [
    await rig.build(template, { version: 'v1' }),
    await rig.build(template, { version: 'v2' }),
  ];
  const planned = async () => (await rig.ask('POST', '/plans', { template, version: 'v3' })).body;
  const goes = { region: 'us-east-1', version: 'v1', ami_id: oldest?.ami_id };
  expect(await planned()).toMatchObject({
    beyond_retention: [
      { ...goes, because: expect.stringContaining('2 newer than it, and the newest 2 stay') },
    ],
  });
  await rig.ec2().runInstances({ ImageId: oldest?.ami_id ?? '', MinCount: 1, MaxCount: 1 });
  expect(await planned()).toMatchObject({ beyond_retention: [] });
});

test('builds of a batch run beside each other, and one that fails sinks no other', async () => {
  rig.guests.answer = fine;
  const good = await rig.template(sample({ one: 'echo 1' }), 'good');
  const bad = await rig.template(sample({ one: 'exit 1' }), 'bad');
  const batch = await rig.ask<{ builds: string[] }>('POST', '/batches', {
    templates: [good, bad],
    regions: ['us-east-1', 'eu-west-1'],
  });
  const builds = await Promise.all(batch.body.builds.map((id) => rig.settled(id)));
  expect(builds.map(({ status }) => status)).toEqual(['succeeded', 'failed']);
  expect(builds[0]?.copies).toHaveLength(1);
  expect(await rig.leftOvers()).toEqual(nothing);
});

test('the cache is listed and cleared', async () => {
  rig.guests.answer = fine;
  await rig.build(await rig.template(sample({ one: 'echo 1', two: 'echo 2' })));
  const listed = await rig.ask<{ layers: { step: string }[] }>('GET', '/cache?template=sample');
  expect(listed.body.layers.map(({ step }) => step).sort()).toEqual(['one', 'two']);
  await rig.ask('DELETE', '/cache');
  expect((await rig.ask('GET', '/cache')).body).toEqual({ layers: [], next_page_token: null });
});

test('validations run on a machine of the existing image, and their results are told when they fail', {
  timeout: 120_000,
}, async () => {
  rig.guests.answer = fine;
  const template = await rig.template(sample({ one: 'echo 1' }));
  await rig.build(template);
  const good = await rig.ask<BuildBody>('POST', '/validations', { template });
  expect(await rig.settled(good.body.build_id)).toMatchObject({ status: 'succeeded' });
  rig.guests.answer = () => ({ status: 0, stdout: 'broken' });
  const bad = await rig.ask<BuildBody>('POST', '/validations', { template });
  const failed = await rig.settled(bad.body.build_id);
  expect(failed.validation_results).toMatchObject([{ name: 'it works', status: 'failed', output: 'broken' }]);
  expect(await rig.leftOvers()).toEqual(nothing);
});

test('a connection that drops in a step is made again, and the step runs once', async () => {
  rig.guests.answer = fine;
  rig.guests.cuts = 2;
  const build = await rig.build(await rig.template(sample({ one: 'echo 1' })));
  expect(build.status).toBe('succeeded');
  expect(rig.guests.ran).toEqual(['echo 1']);
});

test('a machine that is restarted under its step is no success', async () => {
  const build = await rig.build(await rig.template(sample({ one: 'restarts' })));
  expect(build.error?.message).toContain('vanished');
});

test('a cancelled build ends in the middle of its step and leaves nothing', async () => {
  const template = await rig.template(sample({ one: 'never ends' }));
  const { body } = await rig.ask<BuildBody>('POST', '/builds', { template });
  while (rig.guests.ran.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await rig.ask('POST', `/builds/${body.build_id}/cancel`);
  expect((await rig.settled(body.build_id)).status).toBe('cancelled');
  expect(await rig.leftOvers()).toEqual(nothing);
});

test('a server that ends in the middle of a step goes on with it when it is started again', async () => {
  rig.guests.answer = fine;
  const template = await rig.template(sample({ one: 'never ends' }));
  const { body } = await rig.ask<BuildBody>('POST', '/builds', { template });
  while (rig.guests.ran.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await rig.restart();
  expect((await rig.ask<BuildBody>('GET', `/builds/${body.build_id}`)).body.status).toBe('running');
  await rig.ask('POST', `/builds/${body.build_id}/cancel`);
  expect(rig.guests.ran).toEqual(['never ends']);
  expect(await rig.leftOvers()).toEqual(nothing);
});
