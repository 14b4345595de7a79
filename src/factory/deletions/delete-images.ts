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
    await deregister(place, planned, options);
  } catch (error) {
    await factory.db.write((tx) => putBack(tx, planned, when));
    return { target, region, imageId, name, what: 'failed', snapshots: [], reason: wordsOf(error) };
  }
  const gone = await deleteSnapshots(place, planned);
  await factory.db.write((tx) => recordNotice(tx, noticeOf(planned, gone, when), when.at));
  return { target, region, imageId, name, what: 'deleted', ...gone };
}

async function deregister(
  place: Place,
  { imageId, snapshots }: PlannedDeletion,
  { binDays }: DeletionOptions,
): Promise<void> {
  const ec2 = await place.target.client(place.region);
  // Whoever may not look into the bin is told before anything is gone.
  await imagesInBin(place, imageId);
  const going = goingOf(snapshots);
  if (binDays > 0) {
    const Tags = [{ Key: retainDaysTag, Value: String(binDays) }];
    await ec2.createTags({ Resources: [imageId, ...going], Tags });
  }
  // The built-in bin keeps an image with its snapshots. EC2's own keeps snapshots by rules of their own, if any.
  const together = place.target.kind === 'local' && going.length > 0;
  const request = { ImageId: imageId, ...(together ? { DeleteAssociatedSnapshots: true } : {}) };
  await ec2.deregisterImage(request).catch((error: unknown) => {
    if (!isCode(error, 'InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable')) throw error;
  });
}

type Gone = Pick<DeletedImage, 'snapshots' | 'restorableUntil' | 'reason'>;

/** The image is gone: from here on what fails is told, and nothing is taken back. */
async function deleteSnapshots(place: Place, { imageId, snapshots }: PlannedDeletion): Promise<Gone> {
  const deleted: string[] = [];
  try {
    const [binned] = await imagesInBin(place, imageId);
    const until = binned?.RecycleBinExitTime;
    const restorable = until === undefined ? {} : { restorableUntil: until.toISOString() };
    const going = goingOf(snapshots);
    if (binned !== undefined && place.target.kind === 'local') return { snapshots: going, ...restorable };
    // An image in the bin is none without its snapshots; a cleanup finds them when it has left.
    if (binned !== undefined) return { snapshots: [], ...restorable };
    const ec2 = await place.target.client(place.region);
    for (const snapshotId of going) if (await deleteSnapshot(ec2, snapshotId)) deleted.push(snapshotId);
    return { snapshots: deleted };
  } catch (error) {
    return { snapshots: deleted, reason: `not all of its snapshots could be deleted: ${wordsOf(error)}` };
  }
}

function goingOf(snapshots: PlannedDeletion['snapshots']): readonly string[] {
  return snapshots.filter(({ goes }) => goes).map(({ snapshotId }) => snapshotId);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
