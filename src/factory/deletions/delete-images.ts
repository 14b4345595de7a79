/** Deletes what a plan says. One image that can't go holds up no other, and is told with its reason. */
import { deleteSnapshot } from '../aws/delete-snapshot.ts';
import { isCode } from '../aws/until.ts';
import { FactoryError } from '../factory-error.ts';
import { recordNotice } from '../notifications/notify.ts';
import type { Place } from '../retention/references.ts';
import type { DeletedImage, DeletionOrder, PlannedDeletion } from './deletion.ts';
import { putBack, withdrawDeleted } from './kept-version.ts';
import { type DeletionContext, planDeletion } from './plan-deletion.ts';
import { imagesInBin } from './recycle-bin.ts';

export interface DeletionOptions {
  /** Also what somebody needs. */
  readonly force: boolean;
  /** For so long EC2's recycle bin is asked to keep it; 0: it is not asked. */
  readonly binDays: number;
  /** Ids that the caller has seen: nothing else goes. */
  readonly only?: readonly string[] | undefined;
  readonly by: string;
}

/** Throws before anything is done where one of them is needed and nothing forces it. */
export async function deleteImages(
  factory: DeletionContext,
  order: DeletionOrder,
  options: DeletionOptions,
): Promise<readonly DeletedImage[]> {
  const planned = (await planDeletion(factory, order)).filter(
    ({ imageId }) => options.only?.includes(imageId) ?? true,
  );
  const inTheWay = planned.flatMap(({ imageId, obstacle, needed }) => {
    const because =
      obstacle ?? (options.force ? undefined : needed && `${needed}; --force deletes it even so`);
    return because === undefined ? [] : [`${imageId}: ${because}`];
  });
  if (inTheWay.length > 0) throw new FactoryError('conflict', inTheWay.join('\n'));
  const target = await factory.targets.get(order.target);
  const done: DeletedImage[] = [];
  for (const each of planned) {
    done.push(await deleteOne(factory, { target, region: each.region }, each, options));
  }
  return done;
}

async function deleteOne(
  factory: DeletionContext,
  place: Place,
  planned: PlannedDeletion,
  options: DeletionOptions,
): Promise<DeletedImage> {
  const { target, region, imageId, name } = planned;
  const when = { at: factory.now(), by: options.by };
  // The registry first: whoever launches meanwhile is led to another version, not to an image that goes.
  await factory.db.write((tx) => withdrawDeleted(tx, planned, when));
  try {
    const gone = await takeAway(place, planned, options);
    await factory.db.write((tx) => recordNotice(tx, noticeOf(planned, gone, when), when.at));
    return { target, region, imageId, name, what: 'deleted', ...gone };
  } catch (error) {
    await factory.db.write((tx) => putBack(tx, planned, when));
    const reason = error instanceof Error ? error.message : String(error);
    return { target, region, imageId, name, what: 'failed', snapshots: [], reason };
  }
}

type Gone = Pick<DeletedImage, 'snapshots' | 'restorableUntil'>;

async function takeAway(
  place: Place,
  { imageId, snapshots }: PlannedDeletion,
  { binDays }: DeletionOptions,
): Promise<Gone> {
  const ec2 = await place.target.client(place.region);
  const going = snapshots.filter(({ goes }) => goes).map(({ snapshotId }) => snapshotId);
  if (binDays > 0) {
    const Tags = [{ Key: retainDaysTag, Value: String(binDays) }];
    await ec2.createTags({ Resources: [imageId, ...going], Tags });
  }
  const isLocal = place.target.kind === 'local';
  // The built-in bin keeps an image with its snapshots. EC2's own keeps snapshots by rules of their own, if any.
  const request = {
    ImageId: imageId,
    ...(isLocal && going.length > 0 ? { DeleteAssociatedSnapshots: true } : {}),
  };
  await ec2.deregisterImage(request).catch((error: unknown) => {
    if (!isCode(error, 'InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable')) throw error;
  });
  const [binned] = await imagesInBin(place, imageId);
  const until = binned?.RecycleBinExitTime?.toISOString();
  const restorable = until === undefined ? {} : { restorableUntil: until };
  if (isLocal && binned !== undefined) return { snapshots: going, ...restorable };
  // An image in the bin is none without its snapshots; a cleanup finds them when it has left.
  if (binned !== undefined) return { snapshots: [], ...restorable };
  const deleted: string[] = [];
  for (const snapshotId of going) if (await deleteSnapshot(ec2, snapshotId)) deleted.push(snapshotId);
  return { snapshots: deleted };
}

/** As a tag-level retention rule of EC2's recycle bin; the built-in cloud has one for it. */
export const retainDaysTag = 'ingot:retain-days';

function noticeOf(
  { target, region, imageId, name, template, version }: PlannedDeletion,
  { restorableUntil }: Gone,
  { at, by }: { readonly at: Date; readonly by: string },
) {
  const until =
    restorableUntil === undefined ? '' : `, and can be restored until ${restorableUntil.slice(0, 10)}`;
  const subject = { kind: 'image', id: imageId, name, target, region } as const;
  return {
    key: `image ${target} ${imageId} deleted ${at.toISOString()}`,
    event: 'retired',
    subject: template === undefined ? subject : { ...subject, template },
    message: `${name} (${imageId}) was deleted by ${by}${until}`,
    details: version === undefined ? {} : { version },
  } as const;
}
