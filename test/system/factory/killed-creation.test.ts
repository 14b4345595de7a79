import { expect, test } from 'vitest';
import { openFactoryRig } from './factory-rig.ts';
import { killedCreation, runningMachine } from './killed-creation.ts';

/** Every one of them is taken by killed-creation.long.test.ts. */
const sampled = [2, 4, 7, 9, 11, 14, 18, 23, 29, 36, 44];

test('a save that is killed goes on when the server is started again, and its machine runs', {
  timeout: 300_000,
}, async () => {
  const rig = await openFactoryRig();
  const machine = await runningMachine(rig);
  for (const step of sampled) {
    expect(await killedCreation(rig, machine, step), `step ${step}`).toBe(true);
  }
  await rig.close();
});
