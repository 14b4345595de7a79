/**
 * Any sequence of launches, snapshots, copies, deletions, collections and evictions, killed anywhere: every snapshot
 * that is there reads as it was taken.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SnapshotId } from '../../platform/ids.ts';
import { atRest } from '../testing/at-rest.ts';
import { type KillSwitch, killSwitch } from '../testing/kill-switch.ts';
import { eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { evictableLayers, evictLayer } from './evict-layers.ts';

const regions = ['us-east-1', 'eu-west-1'] as const;
const kinds = [
  'volume',
  'volume',
  'snapshot',
  'snapshot',
  'copy',
  'copy',
  'delete',
  'drop',
  'evict',
  'collect',
] as const;

interface Op {
  readonly kind: (typeof kinds)[number];
  /** Which of those that there are. */
  readonly pick: number;
  readonly region: (typeof regions)[number];
  /** The step at which the process dies, where it does. */
  readonly killAt: number | undefined;
}

const op: fc.Arbitrary<Op> = fc.record({
  kind: fc.constantFrom(...kinds),
  pick: fc.nat(1000),
  region: fc.constantFrom(...regions),
  killAt: fc.option(fc.integer({ min: 1, max: 14 }), { nil: undefined, freq: 2 }),
});

test('every snapshot reads as it was taken, whatever was done before, and wherever it was killed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: 4, maxLength: 14 }), (ops) => runs(ops)),
    { numRuns: 150 },
  );
}, 1_500_000);

/** What each snapshot held when it was first seen, or what it was copied from. */
type Model = Map<SnapshotId, readonly string[]>;

async function runs(ops: readonly Op[]): Promise<void> {
  const kill = killSwitch();
  let cloud = await openTestCloud({ node: kill.node, openDatabase: kill.openDatabase });
  const model: Model = new Map();
  await learn(cloud, model);
  for (const each of ops) {
    if (each.killAt !== undefined) kill.arm(each.killAt);
    const first = cloud;
    const done = apply(first, each);
    if (await diesMeanwhile(first, kill, done, each)) {
      kill.disarm();
      cloud = await cloud.reopen();
    }
    kill.disarm();
    await atRest(cloud);
    await learn(cloud, model);
  }
  await check(cloud, model);
  await cloud.close();
}

async function diesMeanwhile(cloud: TestCloud, kill: KillSwitch, done: Promise<unknown>, { killAt }: Op) {
  const ended = done.catch(() => undefined).then(() => atRest(cloud));
  if (killAt === undefined) {
    await ended;
    return false;
  }
  const killed = await Promise.race([ended.then(() => false), kill.struck.then(() => true)]);
  ended.catch(() => undefined);
  await Promise.allSettled([done]);
  return killed;
}

async function apply(cloud: TestCloud, { kind, pick, region }: Op): Promise<unknown> {
  const { read } = cloud.cloud.db;
  const snapshots = await read.selectFrom('snapshots').selectAll().orderBy('started_at').execute();
  const volumes = await read.selectFrom('volumes').selectAll().orderBy('created_at').execute();
  const snapshot = snapshots[pick % snapshots.length];
  const volume = volumes.length === 0 ? undefined : volumes[pick % volumes.length];
  switch (kind) {
    case 'volume':
      if (snapshot === undefined) return undefined;
      return await cloud.call(
        'CreateVolume',
        { AvailabilityZone: `${snapshot.region}a`, SnapshotId: snapshot.snapshot_id },
        { region: snapshot.region, accountId: snapshot.owner_id },
      );
    case 'snapshot':
      if (volume === undefined) return undefined;
      return await cloud.call(
        'CreateSnapshot',
        { VolumeId: volume.volume_id },
        { region: volume.region, accountId: volume.owner_id },
      );
    case 'copy':
      if (snapshot === undefined) return undefined;
      return await cloud.call(
        'CopySnapshot',
        {
          SourceRegion: snapshot.region,
          SourceSnapshotId: snapshot.snapshot_id,
          Description: `copy of ${snapshot.snapshot_id}`,
        },
        { region, accountId: snapshot.owner_id },
      );
    case 'delete':
      if (snapshot === undefined) return undefined;
      return await cloud.call(
        'DeleteSnapshot',
        { SnapshotId: snapshot.snapshot_id },
        { region: snapshot.region, accountId: snapshot.owner_id },
      );
    case 'drop':
      if (volume === undefined) return undefined;
      return await cloud.call(
        'DeleteVolume',
        { VolumeId: volume.volume_id },
        { region: volume.region, accountId: volume.owner_id },
      );
    case 'evict':
      for (const layer of await evictableLayers(cloud.cloud, 'node-1' as never)) {
        await evictLayer(cloud.cloud, layer);
      }
      return undefined;
    case 'collect':
      return await cloud.node.collectVault({ region, dryRun: false });
    default:
      return kind satisfies never;
  }
}

/** A new snapshot's layer is here; a copy holds what its source held. */
async function learn(cloud: TestCloud, model: Model): Promise<void> {
  const rows = await cloud.cloud.db.read.selectFrom('snapshots').selectAll().execute();
  const here = new Set((await cloud.node.listLayers()).map((layer) => layer.layerId));
  for (const row of rows.filter((each) => !model.has(each.snapshot_id))) {
    const source = /^copy of (snap-\w+)$/.exec(row.description)?.[1] as SnapshotId | undefined;
    const content = source === undefined ? undefined : model.get(source);
    if (content !== undefined) model.set(row.snapshot_id, content);
    else if (here.has(row.layer_id)) model.set(row.snapshot_id, cloud.node.contentOf(row.layer_id));
  }
}

/** A volume of each reads what it held, and then what it writes itself. */
async function check(cloud: TestCloud, model: Model): Promise<void> {
  const rows = await cloud.cloud.db.read.selectFrom('snapshots').selectAll().execute();
  for (const row of rows) {
    expect(row.state).toBe('completed');
    const { VolumeId = '' } = await cloud.call(
      'CreateVolume',
      { AvailabilityZone: `${row.region}a`, SnapshotId: row.snapshot_id },
      { region: row.region, accountId: row.owner_id },
    );
    const volume = await eventually(
      () =>
        cloud.cloud.db.read
          .selectFrom('volumes')
          .selectAll()
          .where('volume_id', '=', VolumeId as never)
          .executeTakeFirstOrThrow(),
      ({ state }) => state !== 'creating',
    );
    expect(volume.state).toBe('available');
    expect(cloud.node.contentOf(volume.layer_id)).toEqual([
      ...(model.get(row.snapshot_id) ?? ['unknown']),
      volume.layer_id,
    ]);
  }
}
