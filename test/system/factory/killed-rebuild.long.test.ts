import { afterEach, beforeEach, expect, test } from 'vitest';
import { killedRebuild } from './killed-rebuild.ts';
import { openRebuildRig, type RebuildRig } from './rebuild-rig.ts';

let rig: RebuildRig;

beforeEach(async () => {
  rig = await openRebuildRig();
});

afterEach(async () => {
  await rig.close();
});

test('a rebuild that is killed at any step goes on, and its version is stable', async () => {
  let step = 1;
  while (await killedRebuild(rig, step)) step += 1;
  expect(step).toBeGreaterThan(150);
});

test('a rebuild that does not become ready, killed at any step, gives its channel back', async () => {
  let step = 1;
  while (await killedRebuild(rig, step, { fails: true })) step += 1;
  expect(step).toBeGreaterThan(150);
});
