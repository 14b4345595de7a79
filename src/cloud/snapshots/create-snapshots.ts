import type {
  CreateSnapshotsRequest,
  CreateSnapshotsResult,
  InstanceSpecification,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidParameterValue, invalidValue, missingParameter } from '../../ec2/request-faults.ts';
import { checkIds } from '../../ec2/resource-faults.ts';
import { cannotBe } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { newId, type SnapshotId, type VolumeId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { findInstance } from '../instances/find-instance.ts';
import { volumesOf } from '../instances/machine-spec.ts';
import { isLive } from '../instances/record.ts';
import { readTags } from '../tags/read-tags.ts';
import { type CheckedTag, checkedTags, requestedTags } from '../tags/tag-specifications.ts';
import type { VolumeRow } from '../volumes/record.ts';
import { insertPendingSnapshot } from './insert-snapshot.ts';
import { checkedDescription, checkPlace } from './snapshot-request.ts';
import { bringToRest, checkSnapshottable } from './snapshottable.ts';
import { takeSnapshotsNow } from './take-snapshots.ts';
import { readSnapshots, snapshotColumns } from './to-snapshot.ts';

const maxExcluded = 40;

/** All volumes of an instance at one instant, before the answer. */
export async function createSnapshots(
  cloud: Cloud,
  input: CreateSnapshotsRequest,
  caller: Caller,
): Promise<CreateSnapshotsResult> {
  checkPlace(input);
  const description = checkedDescription(input.Description);
  const tags = requestedTags(input.TagSpecifications, ['snapshot']).get('snapshot') ?? [];
  const copiesTags = copiesVolumeTags(input);
  const { InstanceSpecification: wanted } = input;
  if (wanted === undefined) throw missingParameter('InstanceSpecification');
  const instance = await findInstance(cloud, caller, wanted.InstanceId);
  if (!isLive(instance)) throw cannotBe('snapshotted', instance.instance_id);
  const { instance_id: instanceId } = instance;
  includedVolumes(await volumesOf(cloud, instanceId), wanted);
  endDryRun(input);

  return await cloud.queue.run([instanceId], async () => {
    const before = includedVolumes(await volumesOf(cloud, instanceId), wanted);
    await bringToRest(
      cloud,
      before.map((volume) => volume.volume_id),
    );
    const volumes = includedVolumes(await volumesOf(cloud, instanceId), wanted);
    const volumeTags = copiesTags ? await tagsOf(cloud, volumes) : new Map<VolumeId, readonly CheckedTag[]>();
    // In order of their ids, as they are asked for again after a crash; the first names the instant.
    const ids = volumes.map(() => newId('snap')).sort();
    await cloud.db.write(async (tx) => {
      for (const [index, volume] of volumes.entries()) {
        await insertPendingSnapshot(tx, caller, {
          snapshotId: ids[index] as SnapshotId,
          volumeId: volume.volume_id,
          description,
          startedAt: cloud.now().toISOString(),
          instantId: ids[0] as SnapshotId,
          tags: checkedTags(merged(volumeTags.get(volume.volume_id) ?? [], tags)),
        });
      }
    });
    await takeSnapshotsNow(cloud, ids[0] as SnapshotId);
    const shown = await readTags(cloud.db.read, ids);
    const rows = await readSnapshots(cloud, ids);
    return { Snapshots: rows.map((row) => snapshotColumns(row, shown.get(row.snapshot_id) ?? [])) };
  });
}

function copiesVolumeTags({ CopyTagsFromSource: source }: CreateSnapshotsRequest): boolean {
  if (source !== undefined && source !== 'volume')
    throw invalidValue(source, 'copyTagsFromSource', 'Allowed: volume.');
  return source === 'volume';
}

/** Data volumes can be left out by id, the root volume only by ExcludeBootVolume (EC2 reference). */
function includedVolumes(volumes: readonly VolumeRow[], wanted: InstanceSpecification): readonly VolumeRow[] {
  const excluded = wanted.ExcludeDataVolumeIds ?? [];
  checkIds('volume', excluded);
  if (excluded.length > maxExcluded) {
    throw invalidParameterValue(
      `ExcludeDataVolumeIds has ${excluded.length} ids; at most ${maxExcluded} are allowed`,
    );
  }
  for (const id of excluded) {
    const volume = volumes.find(({ volume_id }) => volume_id === id);
    if (volume === undefined) {
      throw invalidParameterValue(`The volume '${id}' is not attached to ${wanted.InstanceId}`);
    }
    if (volume.is_root === 1) {
      throw invalidParameterValue(
        `The volume '${id}' is the root volume of ${wanted.InstanceId}; leave it out with ExcludeBootVolume`,
      );
    }
  }
  const included = volumes.filter(
    (volume) =>
      !(volume.is_root === 1 && wanted.ExcludeBootVolume === true) && !excluded.includes(volume.volume_id),
  );
  if (included.length === 0) {
    throw invalidParameterValue(
      `No volume of ${wanted.InstanceId} is left to take a snapshot of: all are excluded`,
    );
  }
  return included.map(checkSnapshottable);
}

async function tagsOf(
  cloud: Cloud,
  volumes: readonly VolumeRow[],
): Promise<ReadonlyMap<VolumeId, readonly CheckedTag[]>> {
  const ids = volumes.map((volume) => volume.volume_id);
  return (await readTags(cloud.db.read, ids)) as ReadonlyMap<VolumeId, readonly CheckedTag[]>;
}

/** The call's tags stand over those of the volume. */
function merged(own: readonly CheckedTag[], given: readonly CheckedTag[]): CheckedTag[] {
  const keys = new Set(given.map((tag) => tag.Key));
  return [...own.filter((tag) => !keys.has(tag.Key)), ...given];
}
