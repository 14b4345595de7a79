import type { EC2 } from '@aws-sdk/client-ec2';
import { isCode } from './until.ts';

/** False where an image stands on it. One that is gone counts as deleted. */
export async function deleteSnapshot(ec2: EC2, snapshotId: string): Promise<boolean> {
  try {
    await ec2.deleteSnapshot({ SnapshotId: snapshotId });
    return true;
  } catch (error) {
    if (isCode(error, 'InvalidSnapshot.NotFound')) return true;
    if (isCode(error, 'InvalidSnapshot.InUse')) return false;
    throw error;
  }
}
