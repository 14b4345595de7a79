/** A sample of the kills: `killed-deployment.long.test.ts` takes every one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FactoryRig, openFactoryRig } from './factory-rig.ts';
import { killedDeployment } from './killed-deployment.ts';

let rig: FactoryRig;

beforeAll(async () => {
  rig = await openFactoryRig();
});

afterAll(async () => {
  await rig.close();
});

// Before the record, in the set-up, when the key is taken, in the attempt, before and after the image is announced.
test.each([2, 21, 47, 59, 76, 97, 118])(
  'a deployment that is killed at its write %i goes on, with one image',
  async (step) => {
    expect(await killedDeployment(rig, step)).toBe(true);
  },
);
