import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { tagsOf } from '../aws/tags.ts';
import { listOwnImages } from '../images/list-own-images.ts';
import { resolveLaunch } from '../launches/resolve-launch.ts';
import { findVersions } from '../registry/find-versions.ts';
import type { Target } from '../targets/target.ts';
import { openTestFactory, type TestFactory } from '../testing/test-factory.ts';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import type { CreationRequest } from './creation.ts';
import { creationEnded, findCreation } from './find-creation.ts';
import { prepareSave, type SaveRequest } from './prepare-save.ts';
import { retryCopies } from './retry-copies.ts';
import { startCreation, startPrepared } from './start-creation.ts';
import { answeringGuests } from './testing/answering-guests.ts';

const [home, west] = ['us-east-1', 'us-west-2'] as const;
let cloud: TestTarget;
let opened: TestFactory;
let template: string;
let made = 0;

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

beforeAll(async () => {
  cloud = await openTestTarget();
});
afterAll(() => cloud.close());

beforeEach(async () => {
  made += 1;
  template = `env-${made}`;
  await reopen();
  return () => opened.close();
});

/** With another target in place of the cloud's own, or other guests. */
async function reopen(given: { target?: Target; ready?: () => Promise<void> } = {}): Promise<void> {
  const { target = cloud.target, ready } = given;
  const targets = {
    get: async () => target,
    withKeys: () => ({ get: async () => target }),
    describe: async () => ({ targets: [], mistakes: [] }),
    add: async () => target,
    remove: async () => undefined,
  };
  opened = await openTestFactory(cloud, {
    connect: answeringGuests(ready === undefined ? {} : { ready }),
    targets,
  });
}

async function machine(region: string = home): Promise<{ readonly id: string; readonly name: string }> {
  made += 1;
  const name = `box-${made}`;
  const ec2 = await cloud.target.client(region);
  const { Instances: [instance] = [] } = await ec2.runInstances({
    ImageId: cloud.baseImages[region] ?? '',
    MinCount: 1,
    MaxCount: 1,
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: name }] }],
  });
  const id = instance?.InstanceId ?? '';
  await expect.poll(() => stateOf(id, region), { timeout: 30_000 }).toBe('running');
  return { id, name };
}

async function stateOf(id: string, region: string = home): Promise<string | undefined> {
  const ec2 = await cloud.target.client(region);
  const { Reservations = [] } = await ec2.describeInstances({ InstanceIds: [id] });
  return Reservations[0]?.Instances?.[0]?.State?.Name;
}

async function save(instances: readonly string[], request: Partial<SaveRequest> = {}) {
  const inputs = await prepareSave(opened.factory, {
    instances,
    target: 'local',
    template,
    consistency: 'auto',
    prove: true,
    copyToRegions: [],
    public: false,
    shareWith: [],
    tags: {},
    ...request,
  });
  const ids = [];
  for (const input of inputs) ids.push(await startPrepared(opened.factory, input));
  return await Promise.all(ids.map((id) => creationEnded(opened.factory, id)));
}

async function saveOne(instance: string, request: Partial<SaveRequest> = {}) {
  const [creation] = await save([instance], request);
  if (creation === undefined) throw new Error('nothing was saved');
  return creation;
}

/** What EC2 has of these tests, the base's copies apart. */
async function imagesOf(creationId: string, region: string = home) {
  const ec2 = await cloud.target.client(region);
  const filters = [{ Name: 'tag:ingot:build', Values: [creationId] }];
  return (await ec2.describeImages({ Owners: ['self'], Filters: filters })).Images ?? [];
}

test('a machine is saved: its image proven and registered, its template there and launchable', async () => {
  const box = await machine();
  const creation = await saveOne(box.name, {
    description: 'For the brain study',
    tags: { team: 'red' },
    project: 'brain',
  });
  expect(creation).toMatchObject({ status: 'completed', progress: 100, version: 'v1', leftOver: [] });
  expect(creation.id).toMatch(new RegExp(`^ami-creation-${template}-`));
  expect(creation.proof).toBeDefined();
  const [image] = await imagesOf(creation.id);
  expect(image).toMatchObject({ ImageId: creation.imageId, State: 'available', Public: false });
  expect(tagsOf(image ?? {})).toMatchObject({
    Name: template,
    Type: 'saved-instance',
    Source: 'Ingot-Save',
    team: 'red',
    'ingot:instance': box.id,
    'ingot:project': 'brain',
    'ingot:ssh-user': 'ec2-user',
  });
  const written = parse(await readFile(join(opened.templates, `${template}.yml`), 'utf8'));
  expect(written).toMatchObject({
    name: template,
    description: 'For the brain study',
    base: 'saved-instance',
    source: 'saved-from-instance',
    original_instance: box.name,
    saved_from: box.name,
    ami_config: { amis: { [home]: { x86_64: creation.imageId } }, ssh_user: 'ec2-user' },
    ports: [22],
  });
  expect(written.estimated_cost_per_hour.x86_64).toBeGreaterThan(0);
  const launch = await resolveLaunch(opened.factory, {
    ...{ name: template, target: 'local', region: home, architecture: 'x86_64' as const },
  });
  expect(launch).toMatchObject({ imageId: creation.imageId, template, version: 'v1' });
  expect(await stateOf(box.id)).toBe('running');
  const notices = await opened.factory.db.read.selectFrom('notices').select('key').execute();
  expect(notices).toEqual([{ key: `${creation.id} ready` }]);
});

test('saving to a name that was saved to makes its next version, and what people wrote stays', async () => {
  const box = await machine();
  await saveOne(box.name, { description: 'first' });
  const file = join(opened.templates, `${template}.yml`);
  const tests = '\n# mine\nvalidation_tests:\n  - {name: it works, command: "true"}\n';
  await writeFile(file, `${await readFile(file, 'utf8')}${tests}`);
  const other = await machine();
  const second = await saveOne(other.name);
  expect(second).toMatchObject({ status: 'completed', version: 'v2', description: 'first' });
  expect(second.proof?.validations).toMatchObject([{ name: 'it works', status: 'passed' }]);
  const text = await readFile(file, 'utf8');
  expect(text).toContain('# mine');
  expect(parse(text)).toMatchObject({
    original_instance: box.name,
    saved_from: other.name,
    ami_config: { amis: { [home]: { x86_64: second.imageId } } },
  });
  const versions = await findVersions(opened.factory.db.read, { template });
  expect(versions.map(({ version, origin }) => `${version} ${origin}`)).toEqual(['v2 saved', 'v1 saved']);
});

test('a machine that is stopped for the point in time runs again before the image is waited for', async () => {
  const box = await machine();
  const creation = await saveOne(box.name, { consistency: 'stopped' });
  expect(creation).toMatchObject({ status: 'completed', consistency: 'stopped' });
  expect(creation.notRunningMs).toBeGreaterThan(0);
  expect(creation.warnings.join(' ')).toContain('started again');
  expect(await stateOf(box.id)).toBe('running');
  const run = await opened.factory.workflows.find(creation.id);
  const names = run?.steps.map(({ name }) => name) ?? [];
  expect(names.indexOf('started')).toBeLessThan(names.indexOf('image'));
});

test('a machine that was stopped is left stopped', async () => {
  const box = await machine();
  await (await cloud.target.client(home)).stopInstances({ InstanceIds: [box.id] });
  await expect.poll(() => stateOf(box.id), { timeout: 30_000 }).toBe('stopped');
  const creation = await saveOne(box.name, { consistency: 'stopped' });
  expect(creation).toMatchObject({ status: 'completed', consistency: 'stopped' });
  expect(await stateOf(box.id)).toBe('stopped');
});

test('where the image fails, the machine runs again and nothing is left or listed', async () => {
  const broken = clientsWith((ec2) => ({
    createImage: async () => {
      await expect.poll(() => stateOf(box.id), { timeout: 30_000 }).toBe('stopped');
      throw new Error('no image today');
    },
    describeInstances: ec2.describeInstances.bind(ec2),
  }));
  await opened.close();
  const box = await machine();
  // Another EC2: it can't freeze, so auto stops the machine.
  await reopen({ target: { ...cloud.target, kind: 'aws', client: broken } });
  const creation = await saveOne(box.name);
  expect(creation).toMatchObject({ status: 'failed', error: { step: 'taken', message: 'no image today' } });
  expect(await stateOf(box.id)).toBe('running');
  expect(await imagesOf(creation.id)).toEqual([]);
  expect(await findVersions(opened.factory.db.read, { template })).toEqual([]);
  await expect(readFile(join(opened.templates, `${template}.yml`))).rejects.toThrow('ENOENT');
});

test('an image that must be at rest and is not is taken back', async () => {
  const silent = clientsWith((ec2) => ({
    describeImages: async (input: Parameters<EC2['describeImages']>[0]) => {
      const found = await ec2.describeImages(input);
      for (const image of found.Images ?? []) {
        image.Tags = image.Tags?.map((tag) =>
          tag.Key === 'ingot:consistency' ? { ...tag, Value: 'crash' } : tag,
        );
      }
      return found;
    },
  }));
  await opened.close();
  await reopen({ target: { ...cloud.target, client: silent } });
  const box = await machine();
  const creation = await saveOne(box.name, { consistency: 'filesystem' });
  expect(creation).toMatchObject({ status: 'failed', error: { step: 'image' } });
  expect(creation.error?.message).toContain('--consistency stopped');
  expect(await imagesOf(creation.id)).toEqual([]);
});

test('of two regions one fails: the image and the other copy are good, and a retry finishes the one', async () => {
  const box = await machine();
  const name = `${template}-image`;
  const ec2 = await cloud.target.client(west);
  const inTheWay = await ec2.copyImage({
    ...{ Name: name, SourceImageId: cloud.baseImages[home] ?? '', SourceRegion: home },
  });
  const request: CreationRequest = {
    ...{ kind: 'create', target: 'local', region: home, instanceId: box.id, consistency: 'auto' },
    ...{ prove: false, copyToRegions: [], public: false, shareWith: [], tags: {}, register: true },
    template,
  };
  await expect(
    startCreation(opened.factory, { ...request, name, copyToRegions: [west, 'us-east-2'] }),
  ).rejects.toThrow(`The image name ${name} is taken by ${inTheWay.ImageId} in ${west}`);

  await opened.close();
  let shut = true;
  const client = async (region: string) => {
    if (region === west && shut) throw new Error(`${west} does not answer`);
    return await cloud.target.client(region);
  };
  await reopen({ target: { ...cloud.target, client } });
  shut = false;
  const started = await startCreation(opened.factory, { ...request, copyToRegions: [west, 'us-east-2'] });
  shut = true;
  const creation = await creationEnded(opened.factory, started.id);
  expect(creation).toMatchObject({
    status: 'completed',
    regionResults: {
      [home]: { status: 'completed', imageId: creation.imageId },
      'us-east-2': { status: 'completed', imageId: expect.stringMatching(/^ami-/) },
      [west]: { status: 'failed', error: `${west} does not answer` },
    },
  });
  shut = false;
  const { runId } = await retryCopies(opened.factory, creation.id);
  await opened.factory.workflows.settled(runId);
  const after = await findCreation(opened.factory, creation.id);
  expect(after).toMatchObject({ status: 'completed', imageId: creation.imageId });
  expect(after.regionResults[west]).toMatchObject({ status: 'completed' });
  const versions = await findVersions(opened.factory.db.read, { template });
  expect(versions.map(({ region }) => region).sort()).toEqual([home, 'us-east-2', west]);
  await expect(retryCopies(opened.factory, creation.id)).rejects.toThrow('every copy');
});

test('several machines of one place become variants, those of several places one version', async () => {
  const [one, two, far] = [await machine(), await machine(), await machine(west)];
  const variants = await save([one.name, two.name]);
  expect(variants.map((each) => `${each.template} ${each.version} ${each.status}`).sort()).toEqual([
    `${template}-${one.name} v1 completed`,
    `${template}-${two.name} v1 completed`,
  ]);
  const spread = await save([one.name, far.name]);
  expect(spread.map((each) => `${each.template} ${each.version}`)).toEqual([
    `${template} v1`,
    `${template} v1`,
  ]);
  const { ami_config: config } = parse(await readFile(join(opened.templates, `${template}.yml`), 'utf8'));
  expect(Object.keys(config.amis).sort()).toEqual([home, west]);
});

test('nobody sees an image before it is announced', async () => {
  const box = await machine();
  await opened.close();
  const proof = Promise.withResolvers<void>();
  await reopen({ ready: () => proof.promise });
  const request = { instances: [box.name], target: 'local', template, consistency: 'auto' as const };
  const [input] = await prepareSave(opened.factory, {
    ...request,
    ...{ prove: true, copyToRegions: [], public: false, shareWith: [], tags: {} },
  });
  const id = await startPrepared(opened.factory, input as NonNullable<typeof input>);
  await expect
    .poll(async () => (await findCreation(opened.factory, id)).message, { timeout: 30_000 })
    .toBe('Proving the new image');
  expect(await findCreation(opened.factory, id)).toMatchObject({ status: 'in_progress', progress: 99 });
  expect(await listed()).not.toContain(id);
  proof.resolve();
  await creationEnded(opened.factory, id);
  expect(await listed()).toContain(id);
  async function listed() {
    const images = await listOwnImages(opened.factory, { target: 'local' });
    return images.map(({ tags }) => tags['ingot:build']);
  }
});

test.each([
  ['a template that builds', { template: 'nginx' }, /builds .* ingot ami create/],
  ['a name that is no slug', { template: 'no slug' }, /can't be a template's name/],
  ['a region that the target lacks', { copyToRegions: ['mars-1'] }, /has no region 'mars-1'/],
  ['tags that are reserved', { tags: { 'ingot:build': 'x' } }, /not yours to set/],
])('refuses %s, and makes nothing', async (_, request, message) => {
  const box = await machine();
  await writeFile(
    join(opened.templates, 'nginx.yml'),
    'name: nginx\nbase_ami: {source: tiny}\nsetup_script: "true"\n',
  );
  await expect(saveOne(box.name, request)).rejects.toThrow(message);
});

test('refuses a machine that it does not know, with the nearest name', async () => {
  const box = await machine();
  await expect(saveOne(`${box.name}x`)).rejects.toThrow(`Did you mean '${box.name}'?`);
});

/** The cloud's clients, some calls replaced. */
function clientsWith(replaced: (ec2: EC2) => object): Target['client'] {
  return async (region) => {
    const ec2 = await cloud.target.client(region);
    const calls = replaced(ec2);
    return new Proxy(ec2, {
      get: (target, key, receiver) =>
        key in calls ? Reflect.get(calls, key) : Reflect.get(target, key, receiver),
    });
  };
}
