import { expect, test } from 'vitest';
import { openFactoryRig } from './factory-rig.ts';
import { killedBuild } from './killed-build.ts';

test('a failing build that is killed at any step leaves nothing', async () => {
  const rig = await openFactoryRig();
  let step = 1;
  while (await killedBuild(rig, step, { fails: true })) step += 1;
  expect(step).toBeGreaterThan(30);
  await rig.close();
});

test('a build that is killed at any step goes on when the server is started again', async () => {
  const rig = await openFactoryRig();
  let step = 1;
  while (await killedBuild(rig, step)) step += 1;
  expect(step).toBeGreaterThan(60);
  await rig.close();
});
