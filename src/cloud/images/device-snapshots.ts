/** The snapshots that a block device mapping names, checked where they cannot go in between. */
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import { notAuthorizedFor } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { checkCompleted, findSnapshot } from '../snapshots/find-snapshot.ts';
import type { StoredBlockDevice } from './record.ts';

/**
 * With the size of the snapshot where none is given. The snapshots must be the caller's own: an image keeps
 * its snapshots from being deleted, which nobody shall do to another account's.
 */
export async function withSnapshotSizes(
  db: Cloud['db']['read'] | Transaction<Schema>,
  caller: Caller,
  devices: readonly StoredBlockDevice[],
): Promise<readonly StoredBlockDevice[]> {
  const checked: StoredBlockDevice[] = [];
  for (const device of devices) {
    const snapshotId = device.ebs?.snapshotId;
    checked.push(snapshotId === undefined ? device : await sized(db, caller, device, snapshotId));
  }
  return checked;
}

async function sized(
  db: Cloud['db']['read'] | Transaction<Schema>,
  caller: Caller,
  device: StoredBlockDevice,
  snapshotId: SnapshotId,
): Promise<StoredBlockDevice> {
  const snapshot = await findSnapshot(db, caller, snapshotId);
  if (snapshot.owner_id !== caller.accountId) throw notAuthorizedFor('snapshot', snapshotId);
  checkCompleted(snapshot);
  const { ebs } = device;
  if (ebs === undefined) return device;
  const sizeGiB = ebs.sizeGiB === 0 ? snapshot.volume_size_gib : ebs.sizeGiB;
  if (sizeGiB < snapshot.volume_size_gib) {
    throw new Ec2Fault(
      'InvalidBlockDeviceMapping',
      `Volume of size ${sizeGiB}GB is smaller than snapshot '${snapshotId}', expect size>= ${snapshot.volume_size_gib}GB`,
    );
  }
  return { ...device, ebs: { ...ebs, sizeGiB } };
}
