/**
 * How much the snapshots of images store. Blocks that several hold are stored once: the oldest of them counts them, a
 * younger one what it holds beyond it. So the sizes of all images add up to what is stored.
 */
import type { Image } from '@aws-sdk/client-ec2';
import { type Estate, snapshotBytes } from '../retention/estate.ts';
import type { Place } from '../retention/references.ts';
import { blockBytes, countBlocks } from './count-blocks.ts';
import type { CostParts } from './parts.ts';
import { type Kin, type KnownSnapshot, openKin } from './relatives.ts';

export interface StoredSize {
  readonly bytes: number;
  /**
   * `unique-blocks`: blocks that no older snapshot of one's own holds alike. `blocks`: all its blocks, where it has
   * no older relative. `full-size`: the whole snapshot, where the target doesn't tell its blocks.
   */
  readonly counted: 'unique-blocks' | 'blocks' | 'full-size';
}

/** By image; of all unless told. An image whose snapshots belong to an older one stores nothing itself. */
export async function storedSizes(
  parts: Pick<CostParts, 'db'>,
  place: Place,
  { images, snapshots }: Estate,
  wanted?: ReadonlySet<string>,
): Promise<ReadonlyMap<string, StoredSize>> {
  const sizes = new Map<string, StoredSize>();
  const kin = openKin();
  for (const known of inOrder({ images, snapshots })) {
    const imageId = known.image.ImageId ?? '';
    if (wanted?.has(imageId) ?? true) {
      sizes.set(imageId, added(sizes.get(imageId), await sizeOf(parts, place, known, kin)));
    }
    kin.add(known);
  }
  return sizes;
}

/** Each snapshot once, oldest first, with the oldest image that stands on it. */
function inOrder({ images, snapshots }: Estate): readonly KnownSnapshot[] {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.SnapshotId ?? '', snapshot]));
  const known = new Map<string, KnownSnapshot>();
  for (const image of images.toSorted(byAge)) {
    for (const { DeviceName: device = '', Ebs } of image.BlockDeviceMappings ?? []) {
      const snapshotId = Ebs?.SnapshotId ?? '';
      const snapshot = byId.get(snapshotId);
      if (snapshot !== undefined && !known.has(snapshotId)) {
        known.set(snapshotId, { snapshotId, snapshot, image, device });
      }
    }
  }
  const time = ({ snapshot }: KnownSnapshot) => snapshot.StartTime?.getTime() ?? 0;
  return [...known.values()].sort((a, b) => time(a) - time(b) || a.snapshotId.localeCompare(b.snapshotId));
}

function byAge(a: Image, b: Image): number {
  return (a.CreationDate ?? '').localeCompare(b.CreationDate ?? '');
}

async function sizeOf(
  parts: Pick<CostParts, 'db'>,
  place: Place,
  known: KnownSnapshot,
  kin: Kin,
): Promise<StoredSize> {
  const { snapshotId, snapshot } = known;
  const full: StoredSize = { bytes: snapshotBytes(snapshot), counted: 'full-size' };
  if (snapshot.State !== 'completed') return full;
  const counts: number[] = [];
  for (const beyond of kin.relativesOf(known)) {
    const blocks = await countBlocks(parts, place, { snapshotId, beyond });
    if (blocks !== undefined) counts.push(blocks);
  }
  if (counts.length > 0) return { bytes: Math.min(...counts) * blockBytes, counted: 'unique-blocks' };
  // AWS tells a snapshot's blocks with the snapshot itself.
  if (snapshot.FullSnapshotSizeInBytes !== undefined) return { bytes: full.bytes, counted: 'blocks' };
  const blocks = await countBlocks(parts, place, { snapshotId });
  return blocks === undefined ? full : { bytes: blocks * blockBytes, counted: 'blocks' };
}

const roughness: readonly StoredSize['counted'][] = ['unique-blocks', 'blocks', 'full-size'];

/** Of several disks the roughest way of counting is told. */
function added(before: StoredSize | undefined, size: StoredSize): StoredSize {
  if (before === undefined) return size;
  const rough = Math.max(roughness.indexOf(before.counted), roughness.indexOf(size.counted));
  return { bytes: before.bytes + size.bytes, counted: roughness[rough] ?? 'full-size' };
}
