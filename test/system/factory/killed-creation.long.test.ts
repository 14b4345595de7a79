import { expect, test } from 'vitest';
import { openFactoryRig } from './factory-rig.ts';
import { killedCreation, runningMachine } from './killed-creation.ts';

test.each([
  ['a save', false],
  ['a failing save', true],
])('%s that is killed at any step leaves its machine running and nothing half made', async (_, fails) => {
  const rig = await openFactoryRig();
  const machine = await runningMachine(rig);
  let step = 1;
  while (await killedCreation(rig, machine, step, { fails })) step += 1;
  expect(step).toBeGreaterThan(30);
  await rig.close();
});
