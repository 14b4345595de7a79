/** Waits for what goes on behind the calls: snapshots that are on their way into a vault, and copies. */
import type { Caller } from '../../ec2/types.ts';
import { eventually, type TestCloud } from './open-test-cloud.ts';

/** Until no vault lacks what it shall hold. */
export async function allStored(cloud: TestCloud): Promise<void> {
  const wanted = () =>
    cloud.cloud.db.read
      .selectFrom('stored_snapshots')
      .select(['snapshot_id', 'reason'])
      .where('state', '=', 'wanted')
      .execute();
  await eventually(wanted, (rows) => rows.length === 0);
}

export async function imageInState(
  cloud: TestCloud,
  imageId: string,
  state: string,
  as: Partial<Caller> = {},
) {
  return await eventually(
    async () => (await cloud.call('DescribeImages', { ImageIds: [imageId] }, as)).Images?.[0],
    (image) => image?.State === state,
  );
}

export async function snapshotInState(
  cloud: TestCloud,
  snapshotId: string,
  state: string,
  as: Partial<Caller> = {},
) {
  return await eventually(
    async () => (await cloud.call('DescribeSnapshots', { SnapshotIds: [snapshotId] }, as)).Snapshots?.[0],
    (snapshot) => snapshot?.State === state,
  );
}
