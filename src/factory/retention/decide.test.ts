import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, referenceKey } from './decide.ts';
import type { ManagedImage } from './managed-image.ts';
import type { Reference } from './references.ts';
import type { RetentionRules } from './rules.ts';

const dayMs = 86_400_000;
const now = new Date('2026-11-21T00:00:00.000Z');

function image(ageDays: number, also: Partial<ManagedImage> = {}): ManagedImage {
  return {
    target: 'local',
    region: 'us-east-1',
    imageId: `ami-${ageDays}`,
    name: `web-${ageDays}`,
    template: 'web',
    version: `v${1000 - ageDays}`,
    architecture: 'x86_64',
    createdAt: new Date(now.getTime() - ageDays * dayMs).toISOString(),
    state: 'available',
    isProtected: false,
    snapshotIds: [`snap-${ageDays}`],
    sizeBytes: 1024 ** 3,
    costPerMonth: 0.05,
    channels: [],
    ...also,
  };
}

function fates(
  images: readonly ManagedImage[],
  rules: RetentionRules | undefined,
  references: readonly Reference[] = [],
) {
  const byImage = Map.groupBy(references, (reference) =>
    referenceKey({ target: 'local', region: 'us-east-1', imageId: reference.imageId }),
  );
  const decisions = decide({ images, references: byImage, rulesOf: () => rules, now });
  return Object.fromEntries(decisions.map((each) => [each.image.imageId, `${each.fate}: ${each.because}`]));
}

test('keeps the newest of each template, region and architecture', () => {
  const images = [image(1), image(2), image(3), image(4, { architecture: 'arm64' })];
  expect(fates(images, { keepLatest: 2 })).toEqual({
    'ami-1': 'keep: one of the newest 2 of web',
    'ami-2': 'keep: one of the newest 2 of web',
    'ami-3': 'go: 2 newer than it, and the newest 2 stay',
    'ami-4': 'keep: one of the newest 2 of web',
  });
});

test('newest is by version, not by the day it was made', () => {
  const patch = image(1, { version: 'v1.0.1' });
  const images = [patch, image(2, { version: 'v1.10.0' }), image(3, { version: 'v1.9.0' })];
  expect(fates(images, { keepLatest: 1 })).toEqual({
    'ami-1': 'go: 2 newer than it, and the newest 1 stay',
    'ami-2': 'keep: one of the newest 1 of web',
    'ami-3': 'go: 1 newer than it, and the newest 1 stay',
  });
});

test('keeps the newest of what each channel pointed to, so that it can be rolled back', () => {
  const onStable = (days: number) => image(days, { channels: ['stable'] });
  expect(fates([image(1), image(2), onStable(3), onStable(4), onStable(5)], { keepLatest: 2 })).toEqual({
    'ami-1': 'keep: one of the newest 2 of web',
    'ami-2': 'keep: one of the newest 2 of web',
    'ami-3': 'keep: one of the newest 2 of web on stable',
    'ami-4': 'keep: one of the newest 2 of web on stable',
    'ami-5': 'go: 4 newer than it, and the newest 2 stay',
  });
});

test('beyond what it may cost a month the oldest go', () => {
  const result = fates([image(1), image(2), image(3)], { budgetPerMonth: 0.12 });
  expect(result['ami-3']).toBe(
    'go: web takes more than its $0.12 a month in us-east-1, and this is the oldest',
  );
  expect(result['ami-2']).toBe('keep: within its budget');
});

test('goes only where every rule lets it go', () => {
  const images = [image(10), image(100), image(200)];
  const rules = { keepLatest: 1, maxAgeMs: 150 * dayMs };
  expect(fates(images, rules)).toEqual({
    'ami-10': 'keep: one of the newest 1 of web',
    'ami-100': 'keep: made 100 days ago, and goes after 150 days',
    'ami-200': 'go: 2 newer than it, and the newest 1 stay; made 200 days ago, and 150 days are kept',
  });
});

test('what was launched lately stays', () => {
  const lately = image(100, { lastLaunchedAt: new Date(now.getTime() - dayMs).toISOString() });
  expect(fates([lately, image(90)], { unusedForMs: 30 * dayMs })).toEqual({
    'ami-100': 'keep: launched 1 day ago, and goes after 30 days without',
    'ami-90': 'go: not launched for 90 days',
  });
});

test('beyond the budget the oldest go, never the newest and never one that is needed', () => {
  const images = [image(1), image(2), image(3), image(4)];
  const needed: Reference = { imageId: 'ami-4', kind: 'instance', because: 'instance i-1 is made of it' };
  const result = fates(images, { budgetGiB: 2 }, [needed]);
  expect(result['ami-4']).toBe('keep: instance i-1 is made of it');
  expect(result['ami-3']).toMatch(/^go: web takes more than its 2 GiB in us-east-1/);
  expect(result['ami-2']).toMatch(/^go:/);
  expect(result['ami-1']).toBe('keep: within its budget');
});

test('without rules everything stays', () => {
  expect(fates([image(999)], undefined)).toEqual({ 'ami-999': 'keep: web has no retention rules' });
});

test.each([
  ['pinned', { pin: 'the audit of 2025' }, 'keep: it is pinned: the audit of 2025'],
  ['protected', { isProtected: true }, 'keep: it is protected against deregistration'],
  ['still being made', { state: 'pending' }, 'keep: it is still being made'],
])('one that is %s stays, however old', (_, also, line) => {
  expect(fates([image(999, also), image(1)], { keepLatest: 1 })['ami-999']).toBe(line);
});

test('whatever the rules and the images, nothing goes that somebody needs', () => {
  const anyImage = fc
    .record({ age: fc.nat(500), template: fc.constantFrom('a', 'b'), size: fc.nat(10) })
    .map(({ age, template, size }) => ({ age, template, size }));
  const anyRules = fc.record(
    { keepLatest: fc.nat(3), maxAgeMs: fc.nat(300 * dayMs), unusedForMs: fc.nat(99), budgetGiB: fc.nat(5) },
    { requiredKeys: [] },
  ) as fc.Arbitrary<RetentionRules>;
  fc.assert(
    fc.property(fc.array(anyImage, { maxLength: 12 }), anyRules, fc.nat(11), (drawn, rules, which) => {
      const images = drawn.map(({ age, template, size }, n) =>
        image(age, { imageId: `ami-${n}`, template, sizeBytes: size * 1024 ** 3 }),
      );
      const needed = images[which];
      const references: Reference[] =
        needed === undefined ? [] : [{ imageId: needed.imageId, kind: 'channel', because: 'stable is it' }];
      const result = fates(images, rules, references);
      expect(Object.keys(result)).toHaveLength(images.length);
      if (needed !== undefined) expect(result[needed.imageId]).toBe('keep: stable is it');
    }),
  );
});
