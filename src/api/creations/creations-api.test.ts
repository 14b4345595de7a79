import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { answeringGuests } from '../../factory/creations/testing/answering-guests.ts';
import { openTestFactory, type TestFactory } from '../../factory/testing/test-factory.ts';
import { openTestTarget, type TestTarget } from '../../factory/testing/test-target.ts';
import { type ApiRig, openApiRig } from '../testing/api-rig.ts';

const region = 'us-east-1';
let cloud: TestTarget;
let opened: TestFactory;
let api: ApiRig;

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

beforeAll(async () => {
  cloud = await openTestTarget();
  opened = await openTestFactory(cloud, { connect: answeringGuests() });
  api = await openApiRig(opened.factory);
  const ec2 = await cloud.target.client(region);
  await ec2.runInstances({
    ImageId: cloud.baseImages[region] ?? '',
    MinCount: 1,
    MaxCount: 1,
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'box' }] }],
  });
  const running = async () =>
    (await ec2.describeInstances({})).Reservations?.[0]?.Instances?.[0]?.State?.Name;
  await vi.waitUntil(async () => (await running()) === 'running', { timeout: 60_000 });
});

afterAll(async () => {
  await api.close();
  await opened.close();
  await cloud.close();
});

interface Begun {
  readonly creation_id: string;
  readonly ami_id: string;
}

test('an image is made by name, followed by events, and shown by creation and by image', async () => {
  const begun = await api.ask('/ami/create', {
    body: { instance_id: 'box', name: 'kept', tags: { a: 'b' } },
  });
  expect(begun.status).toBe(202);
  const { creation_id: id } = begun.body as Begun;
  const events = await api.ask(`/ami/status/${id}/events`);
  expect(String(events.body)).toContain('"title":"Taking the image"');
  const ended = (await api.ask(`/ami/status/${id}`)).body as Begun;
  expect(ended).toMatchObject({ status: 'completed', progress: 100, template_name: '', version: null });
  expect((await api.ask(`/ami/status/${ended.ami_id}`)).body).toMatchObject({ creation_id: id });
  const log = await api.ask(`/ami/status/${id}/log`);
  expect(String(log.body)).toContain('Looking at the machine');
  expect((await api.ask(`/ami/show/kept`)).body).toMatchObject({ ami_id: ended.ami_id, name: 'kept' });
});

test('a list is narrowed by tags, and comes in pages', async () => {
  await saved('pages', ['us-west-2']);
  const first = (await api.ask('/ami/list?limit=1&tags=Type%3Dsaved-instance')).body as Page;
  const next = `/ami/list?limit=1&tags=Type%3Dsaved-instance&page_token=${first.next_page_token}`;
  const second = (await api.ask(next)).body as Page;
  expect([first.count, first.amis.length, second.amis.length]).toEqual([2, 1, 1]);
  expect(second.next_page_token).toBeNull();
  expect(second.amis[0]?.ami_id).not.toBe(first.amis[0]?.ami_id);
});

interface Page {
  readonly amis: readonly { readonly ami_id: string }[];
  readonly count: number;
  readonly next_page_token: string | null;
}

test('a plan tells what a save would do, and does nothing', async () => {
  const body = { instances: ['box'], template_name: 'planned', consistency: 'stopped' };
  const plan = await api.ask('/ami/save/plan', { body });
  expect(plan.body).toMatchObject({
    saves: [{ instance_name: 'box', template_name: 'planned', version: 'v1', stops: true }],
  });
  expect((await api.ask('/ami/creations?template=planned')).body).toEqual({ creations: [] });
});

test.each([
  ['/ami/status/ami-creation-none-0', undefined, 404],
  ['/ami/show/nobody', undefined, 404],
  ['/ami/create', { instance_id: 'nobody', name: 'an-image' }, 404],
  ['/ami/create', { instance_id: 'box', name: 'no' }, 400],
  ['/ami/create', { instance_id: 'box', name: 'no?name' }, 400],
  ['/ami/save', { instances: ['box', 'box'], template_name: 'twice' }, 400],
])('%s of what is not there or not allowed is refused', async (path, body, status) => {
  expect((await api.ask(path, body === undefined ? {} : { body })).status).toBe(status);
});

async function saved(template: string, regions: readonly string[]): Promise<void> {
  const body = { instances: ['box'], template_name: template, copy_to_regions: regions };
  const { creations } = (await api.ask('/ami/save', { body })).body as { readonly creations: Begun[] };
  await opened.factory.workflows.settled(creations[0]?.creation_id ?? '');
}
