/**
 * Whether two snapshots come from one another or from the same volume, so that comparing them makes sense. Layers in
 * common say so; where a chain was shortened, or isn't here, the rows do.
 */
import type { SnapshotId, VolumeId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { noVolume } from '../snapshots/no-volume.ts';
import type { SnapshotRow } from '../snapshots/record.ts';
import { storedDisk } from './find-snapshot.ts';

const longestAncestry = 100;

export async function areRelated(cloud: Cloud, first: SnapshotRow, second: SnapshotRow): Promise<boolean> {
  if (first.layer_id === second.layer_id) return true;
  if (first.volume_id === second.volume_id && first.volume_id !== noVolume) return true;
  const node = cloud.nodes.get(second.node_id);
  if (await node.shareLayers({ first: storedDisk(first), second: storedDisk(second) })) return true;
  const ancestors = await ancestorsOf(cloud, first);
  return (await ancestorsOf(cloud, second)).some((id) => ancestors.includes(id));
}

/** Itself, and what it was made of, as far as rows tell. */
async function ancestorsOf(cloud: Cloud, snapshot: SnapshotRow): Promise<readonly SnapshotId[]> {
  const ids: SnapshotId[] = [snapshot.snapshot_id];
  let volumeId: VolumeId | undefined = snapshot.volume_id;
  while (ids.length < longestAncestry) {
    const id = ids.at(-1) as SnapshotId;
    const next = (await sourceOfVolume(cloud, volumeId)) ?? (await parentOfWrite(cloud, id));
    if (next === undefined || ids.includes(next)) break;
    ids.push(next);
    volumeId = await volumeOf(cloud, next);
  }
  return ids;
}

async function sourceOfVolume(cloud: Cloud, id: VolumeId | undefined): Promise<SnapshotId | undefined> {
  if (id === undefined || id === noVolume) return undefined;
  const row = await cloud.db.read
    .selectFrom('volumes')
    .select('snapshot_id')
    .where('volume_id', '=', id)
    .executeTakeFirst();
  return row?.snapshot_id ?? undefined;
}

async function parentOfWrite(cloud: Cloud, id: SnapshotId): Promise<SnapshotId | undefined> {
  const row = await cloud.db.read
    .selectFrom('block_writes')
    .select('parent_snapshot_id')
    .where('snapshot_id', '=', id)
    .executeTakeFirst();
  return row?.parent_snapshot_id ?? undefined;
}

async function volumeOf(cloud: Cloud, id: SnapshotId): Promise<VolumeId | undefined> {
  const row = await cloud.db.read
    .selectFrom('snapshots')
    .select('volume_id')
    .where('snapshot_id', '=', id)
    .executeTakeFirst();
  return row?.volume_id;
}
