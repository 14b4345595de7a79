/** The decision over thousands of images with every kind of use. */
import { beforeAll, expect, test } from 'vitest';
import type { Target } from '../targets/target.ts';
import { applyCleanup } from './apply-cleanup.ts';
import { cleanupPlan } from './cleanup.ts';
import type { CleanupPlan } from './plan-cleanup.ts';
import { everySource } from './sources/every-source.ts';
import { type Estate, estateRules, generateEstate, type uses } from './testing/estate.ts';
import { estateTarget } from './testing/estate-target.ts';
import { openTestRetention, type TestRetention } from './testing/retention.ts';

let estate: Estate;
let target: Target;
let retention: TestRetention;
let plan: CleanupPlan;

beforeAll(async () => {
  const holder: { target?: Target } = {};
  retention = await openTestRetention({ get: () => holder.target } as unknown as Target, {
    deprecateDays: 0,
  });
  estate = await generateEstate(retention.factory, 5000);
  target = estateTarget(estate);
  const factory = { ...retention.factory, targets: { get: async () => target } as never };
  plan = await cleanupPlan(factory, { target: 'local', rules: estateRules });
  return () => retention.close();
}, 120_000);

test('of 5,000 images exactly those go that are old and that nobody needs', () => {
  const going = plan.decisions.filter(({ fate }) => fate === 'go').map(({ image }) => image.imageId);
  const expected = [...estate.expected].filter(([, reason]) => reason === undefined).map(([id]) => id);
  expect(plan.decisions).toHaveLength(5000);
  expect(expected.length).toBeGreaterThan(1000);
  expect(going.toSorted()).toEqual(expected.toSorted());
  expect(plan.orphans).toEqual([]);
});

const words: Readonly<Record<keyof typeof uses, RegExp>> = {
  instance: /^instance i-\w+ is made of it$/,
  'launch template': /^launch template fleet launches it in version \d+$/,
  channel: /^channel channel-\d+ of app-\d+ points to it$/,
  'to be rolled back to': /^one of the newest 3 of app-\d+ on once-\d+$/,
  pin: /^it is pinned: the audit$/,
  protection: /^it is protected against deregistration$/,
  child: /^child v\d+ \(ami-\w+\) is made from it$/,
  'launched by a template': /^the template launches-\d+ names it$/,
  'base of a template': /^the template stands-on-\d+ names it$/,
  catalogue: /^the catalogue \/catalogue offers it as app-\d+ 1$/,
  build: /^build-\d+ starts from it$/,
  'step cache': /^the cached steps of web start from it$/,
  deployment: /^deployment shop \(deployment-\d+\) was launched from it$/,
  account: /^account 210987654321 may launch it$/,
  everybody: /^it is public$/,
};

test.each(Object.entries(words))('one in use stays, and says by whom: %s', (use, said) => {
  const kept = plan.decisions.filter(({ image }) => estate.expected.get(image.imageId) === use);
  expect(kept.length).toBeGreaterThan(10);
  for (const { because } of kept) expect(because).toMatch(said);
});

test('each image has one line, with its bytes and what they cost', () => {
  for (const { image, because } of plan.decisions) {
    expect(because).not.toBe('');
    expect(image.sizeBytes).toBe(1024 ** 3);
    expect(image.costPerMonth).toBeCloseTo(0.05);
  }
});

test('of those that go, the ones that came into use since the plan stay', async () => {
  const going = plan.decisions.filter(({ fate }) => fate === 'go').map(({ image }) => image);
  const [launched, promoted, pinned] = [going[7], going[70], going[700]];
  estate.instances.push({ InstanceId: 'i-late', ImageId: launched?.imageId, State: { Name: 'running' } });
  await retention.factory.db.write((tx) =>
    tx
      .insertInto('channels')
      .values({
        ...{ target: 'local', template: promoted?.template ?? '', region: 'us-east-1' },
        ...{ architecture: 'arm64', channel: 'late', image_id: promoted?.imageId ?? '' },
      })
      .execute(),
  );
  const image = estate.images.get(pinned?.imageId ?? '');
  if (image !== undefined) image.Tags = [{ Key: 'ingot:pin', Value: 'wait' }];
  const { factory } = retention;
  const cleaner = { db: factory.db, now: factory.now(), target, sources: everySource(factory) };
  const steps = await applyCleanup(plan, { ...cleaner, deprecateDays: 0, binDays: 7 });
  const saved = [launched, promoted, pinned].map((each) => each?.imageId);
  expect(steps.filter(({ what }) => what === 'kept').map(({ id }) => id)).toEqual(saved);
  const binned = [...estate.images.values()].filter(({ State }) => State === 'disabled');
  const expected = going.map(({ imageId }) => imageId).filter((id) => !saved.includes(id));
  expect(binned.map(({ ImageId }) => ImageId).toSorted()).toEqual(expected.toSorted());
}, 300_000);
