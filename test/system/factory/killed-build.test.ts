import { expect, test } from 'vitest';
import { openFactoryRig } from './factory-rig.ts';
import { killedBuild } from './killed-build.ts';

/** Every one of them is taken by killed-build.long.test.ts. */
const sampled = [2, 3, 6, 11, 16, 23, 30, 37, 44, 52, 61];

test('a build that is killed goes on when the server is started again', { timeout: 300_000 }, async () => {
  const rig = await openFactoryRig();
  for (const step of sampled) expect(await killedBuild(rig, step), `step ${step}`).toBe(true);
  await rig.close();
});
