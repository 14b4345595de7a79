/** What images take in the snapshots' storage, and what that costs: asked for those alone that somebody looks at. */
import { inBatches } from '../aws/in-batches.ts';
import { blockBytes } from '../costs/count-blocks.ts';
import { bytesPerGiB } from '../costs/image-cost.ts';
import type { Factory } from '../factory.ts';
import { snapshotBytes } from '../retention/estate.ts';
import type { Target } from '../targets/target.ts';
import type { ListedImage, OwnImage } from './own-image.ts';

export async function sizeImages(
  { db, targets, prices }: Pick<Factory, 'db' | 'targets' | 'prices'>,
  images: readonly ListedImage[],
): Promise<readonly OwnImage[]> {
  const [first] = images;
  if (first === undefined) return [];
  const [target, priced] = await Promise.all([targets.get(first.target), prices.of(first.target)]);
  const sizes = await countedSizes(db, images);
  const byRegion = Map.groupBy(
    images.filter(({ snapshotIds }) => snapshotIds.some((id) => !sizes.has(id))),
    ({ region }) => region,
  );
  await Promise.all(
    [...byRegion].map(async ([region, uncounted]) => {
      const ids = uncounted.flatMap(({ snapshotIds }) => snapshotIds.filter((id) => !sizes.has(id)));
      for (const [id, bytes] of await askedSizes(target, region, ids)) sizes.set(id, bytes);
    }),
  );
  return images.map((image) => {
    const storedBytes = image.snapshotIds.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
    const storagePerMonth = (storedBytes / bytesPerGiB) * priced.storagePerGiBMonth(image.region);
    return { ...image, storedBytes, storagePerMonth };
  });
}

async function countedSizes(db: Factory['db'], images: readonly ListedImage[]): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const ids of inBatches(images.flatMap(({ snapshotIds }) => snapshotIds))) {
    const counted = await db.read
      .selectFrom('snapshot_blocks')
      .select(['snapshot_id', (select) => select.fn.min('blocks').as('blocks')])
      .where('target', '=', images[0]?.target ?? '')
      .where('snapshot_id', 'in', ids)
      .groupBy('snapshot_id')
      .execute();
    for (const { snapshot_id: id, blocks } of counted) sizes.set(id, Number(blocks) * blockBytes);
  }
  return sizes;
}

async function askedSizes(
  target: Target,
  region: string,
  snapshotIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { DescribeSnapshotsCommand } = await import('@aws-sdk/client-ec2');
  const client = await target.client(region);
  const sizes = new Map<string, number>();
  for (const Values of inBatches([...new Set(snapshotIds)])) {
    // By a filter: one that is gone meanwhile is no error.
    const Filters = [{ Name: 'snapshot-id', Values }];
    const { Snapshots = [] } = await client.send(new DescribeSnapshotsCommand({ Filters }));
    for (const snapshot of Snapshots) sizes.set(snapshot.SnapshotId ?? '', snapshotBytes(snapshot));
  }
  return sizes;
}
