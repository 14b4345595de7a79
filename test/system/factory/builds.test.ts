/** What a build promises, on a real server whose machines are simulated. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BuildBody, type FactoryRig, nothing, openFactoryRig } from './factory-rig.ts';

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
  const refused = await rig.ask<{ message: string }>('POST', `/builds/${held.build_id}/resume`);
  expect(refused.status).toBe(409);
  expect(refused.body.message).toContain("its step 'one' has run already");
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
  const refused = await rig.ask<{ message: string }>('POST', '/builds', {
    template,
    ami_name: 'taken',
    copy_to_regions: ['eu-west-1'],
  });
  expect(refused.status).toBe(409);
  expect(refused.body.message).toMatch(/taken by ami-\w+ in eu-west-1/);
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
