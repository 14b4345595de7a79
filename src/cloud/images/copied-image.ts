/** What a copied image is made of: copies of its source's snapshots, and the mapping over them. */
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { type ImageId, newId, type SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { insertCopiedSnapshot } from '../snapshots/copied-snapshot.ts';
import { checkCompleted } from '../snapshots/find-snapshot.ts';
import type { SnapshotRow } from '../snapshots/record.ts';
import { isVisibleTo } from '../snapshots/visible-snapshots.ts';
import { readTags } from '../tags/read-tags.ts';
import type { CheckedTag } from '../tags/tag-specifications.ts';
import { blockDevices, type ImageRow, type StoredBlockDevice } from './record.ts';

type Db = Cloud['db']['read'] | Transaction<Schema>;

/** Launching a shared image needs its launch permission; copying it needs its snapshots' too, as on EC2. */
export async function copyableSnapshots(
  db: Db,
  caller: Caller,
  image: ImageRow,
): Promise<readonly SnapshotRow[]> {
  const ids = [...new Set(blockDevices(image).flatMap(({ ebs }) => ebs?.snapshotId ?? []))];
  const snapshots = await db
    .selectFrom('snapshots')
    .selectAll()
    .where('snapshot_id', 'in', ids)
    .where(isVisibleTo(caller.accountId))
    .execute();
  if (snapshots.length < ids.length) {
    throw new Ec2Fault('InvalidRequest', 'You do not have permission to access the storage of this ami');
  }
  for (const snapshot of snapshots) checkCompleted(snapshot);
  return snapshots;
}

/** Copies the snapshots into the caller's region, and answers the mapping over the copies. */
export async function copyDevices(
  tx: Transaction<Schema>,
  cloud: Cloud,
  caller: Caller,
  copy: { readonly from: ImageRow; readonly to: ImageId; readonly tags: readonly CheckedTag[] },
): Promise<readonly StoredBlockDevice[]> {
  const now = cloud.now();
  const copies = new Map<SnapshotId, SnapshotId>();
  for (const source of await copyableSnapshots(tx, caller, copy.from)) {
    const snapshotId = newId('snap');
    copies.set(source.snapshot_id, snapshotId);
    await insertCopiedSnapshot(tx, caller, source, {
      snapshotId,
      // Cleaners read these words.
      description:
        `Copied for DestinationAmi ${copy.to} from SourceAmi ${copy.from.image_id} ` +
        `for SourceSnapshot ${source.snapshot_id}. Task created on ${now.getTime().toLocaleString('en-US')}.`,
      now,
      tags: copy.tags,
    });
  }
  return blockDevices(copy.from).map((device) => {
    const snapshotId = device.ebs?.snapshotId === undefined ? undefined : copies.get(device.ebs.snapshotId);
    return device.ebs === undefined || snapshotId === undefined
      ? device
      : { ...device, ebs: { ...device.ebs, snapshotId } };
  });
}

/** CopyImageTags: the source's tags under those of the call; of another account's image only the shared ones. */
export async function copiedTags(
  db: Db,
  caller: Caller,
  image: ImageRow,
  given: readonly CheckedTag[],
): Promise<readonly CheckedTag[]> {
  const own = image.owner_id === caller.accountId;
  const keys = new Set(given.map((tag) => tag.Key));
  const tags = (await readTags(db, [image.image_id])).get(image.image_id) ?? [];
  const copied = tags.flatMap(({ Key: key = '', Value: value = '' }) =>
    (own || key.startsWith('ec2:SharedTag/')) && !keys.has(key) ? [{ Key: key, Value: value }] : [],
  );
  return [...copied, ...given];
}
