import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openDatabase } from '../../platform/database/database.ts';
import { silentLog } from '../../platform/log.ts';
import { type KillPoints, killPoints } from '../../platform/workflows/testing/kill-points.ts';
import { type OpenFactory, openFactory } from '../open-factory.ts';
import { findVersions } from '../registry/find-versions.ts';
import { recordVersion } from '../registry/record-version.ts';
import { newVersion } from '../registry/testing/registry.ts';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import { imageCopyEnded } from './find-copy.ts';
import { startCopy } from './start-copy.ts';

const [home, west] = ['us-east-1', 'us-west-2'] as const;
const mostSteps = 40;

test('a copy that is killed at any step is there once and registered, or was never begun', {
  timeout: 300_000,
}, async () => {
  const cloud = await openTestTarget();
  const directory = await mkdtemp(join(tmpdir(), 'ingot-killed-copy-'));
  let step = 1;
  while (await killedCopy(cloud, directory, step)) {
    step += 1;
    expect(step).toBeLessThan(mostSteps);
  }
  expect(step).toBeGreaterThan(6);
  await cloud.close();
  await rm(directory, { recursive: true });
});

/** At this write of the database, counted from the copy's first. False where the copy has no such step. */
async function killedCopy(cloud: TestTarget, directory: string, step: number): Promise<boolean> {
  const kill = killPoints();
  const dying = await open(cloud, directory, kill);
  const version = `v${step}`;
  const { ImageId: imageId = '' } = await (await cloud.target.client(home)).copyImage({
    ...{ Name: `killed-${step}`, SourceImageId: cloud.baseImages[home] ?? '', SourceRegion: home },
  });
  await recordVersion(dying.db, newVersion({ version, imageId }));
  kill.arm(step);
  const request = { name: imageId, target: 'local', region: home, copyTo: [west] };
  const id = await startCopy(dying, request).catch(() => undefined);
  if (id !== undefined) await Promise.race([imageCopyEnded(dying, id).catch(() => undefined), struck(kill)]);
  const isKilled = kill.struck;
  await dying.close();
  const factory = await open(cloud, directory);
  if (id !== undefined) expect(await imageCopyEnded(factory, id)).toMatchObject({ status: 'completed' });
  const expected = id === undefined ? 0 : 1;
  const { Images = [] } = await (await cloud.target.client(west)).describeImages({
    Owners: ['self'],
    Filters: [{ Name: 'name', Values: [`killed-${step}`] }],
  });
  expect(Images).toHaveLength(expected);
  const versions = await findVersions(factory.db.read, { target: 'local', region: west, version });
  expect(versions.map((each) => each.imageId)).toEqual(Images.map(({ ImageId }) => ImageId));
  await factory.close();
  return isKilled;
}

async function struck(kill: KillPoints): Promise<void> {
  while (!kill.struck) await delay(10);
}

async function open(cloud: TestTarget, directory: string, kill?: KillPoints): Promise<OpenFactory> {
  const { url: endpoint, credentials, target } = cloud;
  return await openFactory({
    ...{ home: directory, parallelBuilds: 1, log: silentLog },
    local: { endpoint, credentials, regions: target.regions },
    ...(kill === undefined
      ? {}
      : { openDatabase: async (file, migrations) => kill.database(await openDatabase(file, migrations)) }),
  });
}
