import { expect, test } from 'vitest';
import { openFactoryRig } from './factory-rig.ts';
import { killedDeployment } from './killed-deployment.ts';

test('a deployment that is killed at any step goes on, with one image and nothing else left', {
  timeout: 7_200_000,
}, async () => {
  const rig = await openFactoryRig();
  try {
    let step = 1;
    while (await killedDeployment(rig, step)) step += 1;
    expect(step).toBeGreaterThan(60);
  } finally {
    await rig.close();
  }
});
