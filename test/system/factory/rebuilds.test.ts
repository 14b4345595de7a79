/** What scheduled rebuilds promise, on a real server whose machines are simulated. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nothing } from './factory-rig.ts';
import { openRebuildRig, type RebuildRig } from './rebuild-rig.ts';

let rig: RebuildRig;

beforeEach(async () => {
  rig = await openRebuildRig();
});

afterEach(async () => {
  await rig.close();
});

async function told(): Promise<readonly string[]> {
  for (;;) {
    const { body } = await rig.ask<{ deliveries: { state: string; message: string; event: string }[] }>(
      'GET',
      '/notifications',
    );
    const isSent = body.deliveries.length > 2 && body.deliveries.every(({ state }) => state === 'delivered');
    if (isSent) return body.deliveries.map(({ event, message }) => `${event}: ${message}`).toSorted();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a newer base is built on, and what is proven and ready is promoted', async () => {
  expect(await rig.check()).toEqual([]);
  await rig.addBase('20260201');
  expect(await rig.check()).toEqual([
    expect.stringMatching(/^its base tiny has a newer image, ingot-tiny-x86_64-20260201 \(ami-/),
  ]);
  // It is under way: another look begins no second one.
  expect(await rig.check()).toEqual([]);
  const rebuild = await rig.ended();
  expect(rebuild).toMatchObject({ status: 'succeeded', error: null });
  expect(await rig.stable()).toBe(rebuild.version);
  expect(await rig.check()).toEqual([]);
  expect(await rig.leftOvers()).toEqual(nothing);
  expect(await told()).toEqual([
    expect.stringMatching(`^ready: sample ${rebuild.version} for x86_64 is built and proven: ami-`),
    expect.stringMatching('^ready: sample v1 for x86_64 is built and proven: ami-'),
    expect.stringMatching(`^ready: stable of sample is ${rebuild.version} now, since its base tiny`),
  ]);
});

test('what does not become ready gives its channel back, and is not tried again on the same base', async () => {
  rig.guests.answer = (command) => ({ status: command.includes('is-up') ? 1 : 0, stdout: 'starting' });
  await rig.addBase('20260201');
  await rig.check();
  const rebuild = await rig.ended();
  expect(rebuild.status).toBe('failed');
  expect(rebuild.error).toMatch(/^ready: It is not ready after 1 attempts: /);
  expect(await rig.stable()).toBe('v1');
  expect(await rig.leftOvers()).toEqual(nothing);
  expect(await rig.check()).toEqual([]);
  expect((await told())[0]).toMatch(/^failed: sample \S+ was built since .*, and stable went back: /);
});
