import type { VaultHarm } from '../../node/vault-contract.ts';
import type { AccountId, ImageId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';

export interface HarmedSnapshot {
  readonly snapshotId: SnapshotId;
  /** Of the damaged or missing blocks that it has. */
  readonly blocks: number;
  readonly reason: string;
  readonly description: string;
  /** Absent where the snapshot's own row is gone and others still need its content. */
  readonly ownerId?: AccountId;
  readonly images: readonly { readonly imageId: ImageId; readonly name: string }[];
}

/** What the damaged blocks come to, for the people whose snapshots and images they are. */
export async function harmedSnapshots(
  cloud: Cloud,
  harms: readonly VaultHarm[],
): Promise<readonly HarmedSnapshot[]> {
  const bySnapshot = Map.groupBy(
    harms.flatMap((harm) => harm.snapshots.map((snapshotId) => ({ snapshotId, reason: harm.reason }))),
    ({ snapshotId }) => snapshotId,
  );
  const ids = [...bySnapshot.keys()].sort();
  if (ids.length === 0) return [];
  const rows = await cloud.db.read
    .selectFrom('snapshots')
    .select(['snapshot_id', 'owner_id', 'description'])
    .where('snapshot_id', 'in', ids)
    .execute();
  const images = await cloud.db.read
    .selectFrom('image_snapshots')
    .innerJoin('images', 'images.image_id', 'image_snapshots.image_id')
    .select(['image_snapshots.snapshot_id', 'images.image_id', 'images.name'])
    .where('image_snapshots.snapshot_id', 'in', ids)
    .orderBy('images.image_id')
    .execute();
  return ids.map((snapshotId) => {
    const row = rows.find((each) => each.snapshot_id === snapshotId);
    const found = bySnapshot.get(snapshotId) ?? [];
    return {
      snapshotId,
      blocks: found.length,
      reason: found[0]?.reason ?? '',
      description: row?.description ?? '',
      ...(row === undefined ? {} : { ownerId: row.owner_id }),
      images: images
        .filter((image) => image.snapshot_id === snapshotId)
        .map((image) => ({ imageId: image.image_id, name: image.name })),
    };
  });
}
