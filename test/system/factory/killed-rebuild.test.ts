/** A sample of the kills: `killed-rebuild.long.test.ts` takes every one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killedRebuild } from './killed-rebuild.ts';
import { openRebuildRig, type RebuildRig } from './rebuild-rig.ts';

let rig: RebuildRig;

beforeAll(async () => {
  rig = await openRebuildRig();
});

afterAll(async () => {
  await rig.close();
});

// Before the record, in the build, about the promotion, while the machine is asked.
test.each([1, 4, 47, 96, 121, 140, 166])('a rebuild that is killed at its write %i goes on', async (step) => {
  expect(await killedRebuild(rig, step)).toBe(true);
});

test.each([131, 154, 168])(
  'a rebuild that does not become ready gives its channel back, killed at its write %i',
  async (step) => {
    expect(await killedRebuild(rig, step, { fails: true })).toBe(true);
  },
);
