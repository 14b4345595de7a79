/** CreateImage of the machine, up to the point in time, and the wait until the image can be launched. */
import type { EC2, Image, Snapshot } from '@aws-sdk/client-ec2';
import { tagKeys, tagsOf } from '../../aws/tags.ts';
import { until } from '../../aws/until.ts';
import { askForImage } from '../../builds/steps/ask-for-image.ts';
import { builtImage, findOwnImage, imageAvailable } from '../../builds/steps/create-image.ts';
import { tagImage } from '../../builds/steps/tag-image.ts';
import { blockBytes, countBlocks } from '../../costs/count-blocks.ts';
import { snapshotBytes } from '../../retention/estate.ts';
import type { CreationContext, CreationInput, TakenImage } from '../creation-input.ts';
import { creationTags } from '../creation-tags.ts';
import type { CreationParts } from '../parts.ts';

const pointInTimeDeadlineMs = 30 * 60_000;

/** Ends when what the machine does from now on is in the image no more. */
export async function takeImage(
  parts: CreationParts,
  context: CreationContext,
): Promise<{ readonly imageId: string }> {
  const { input, runId } = context;
  const target = await parts.targets.get(input.target);
  const ec2 = await target.client(input.region);
  const request = {
    InstanceId: input.instance.id,
    Name: input.imageName,
    ...(input.description === '' ? {} : { Description: input.description.slice(0, 255) }),
    NoReboot: input.capture.way !== 'reboot',
  };
  const tags = creationTags(runId, input);
  const imageId = await askForImage(ec2, { target, request, tags, made: () => findOwnImage(ec2, context) });
  await parts.db.write((tx) =>
    tx.updateTable('creations').set({ image_id: imageId }).where('id', '=', runId).execute(),
  );
  if (input.capture.way === 'stopped') await snapshotsBegun(ec2, imageId, context);
  context.tell({ type: 'detail', text: `${imageId} (${input.imageName})` });
  return { imageId };
}

/** A snapshot that has begun holds the volume as it was then, however long its blocks take to be stored. */
async function snapshotsBegun(ec2: EC2, imageId: string, context: CreationContext): Promise<void> {
  const { volumes } = context.result('base');
  const look = async () => {
    const begun = await snapshotsOf(ec2, context.runId);
    if (new Set(begun.map(({ VolumeId }) => VolumeId)).size >= volumes) return true;
    const { Images: [image] = [] } = await ec2.describeImages({
      Filters: [{ Name: 'image-id', Values: [imageId] }],
    });
    return image?.State === 'available' || image?.State === 'failed' ? true : undefined;
  };
  const what = `the snapshots of ${imageId} to begin`;
  await until(look, {
    signal: context.signal,
    deadlineMs: pointInTimeDeadlineMs,
    everyMs: [100, 1_000],
    what,
  });
}

export async function awaitImage(parts: CreationParts, context: CreationContext): Promise<TakenImage> {
  const { input, runId } = context;
  const ec2 = await (await parts.targets.get(input.target)).client(input.region);
  const { imageId } = context.result('taken');
  let told = -1;
  const image = await imageAvailable(ec2, imageId, context, async () => {
    const { done, total } = bytesOf(await snapshotsOf(ec2, runId));
    const percent = total === 0 ? 0 : Math.floor((100 * done) / total);
    if (percent > told) context.tell({ type: 'progress', bytes: done, total, percent });
    told = Math.max(told, percent);
  });
  await tagImage(ec2, image, creationTags(runId, input));
  const snapshots = await snapshotsOf(ec2, runId);
  const { total } = bytesOf(snapshots);
  const bytes = await storedBytes(parts, context, snapshots);
  const taken = { ...builtImage(image), ...consistencyOf(image, context), bytes };
  if (input.capture.required === 'filesystem' && !isAtRest(taken.consistency)) {
    throw new Error(
      `The file systems of ${input.instance.id} could not be frozen, so the image would be '${taken.consistency}': ` +
        'no guest agent answers there, or the target has no way to ask it. --consistency stopped stops the machine instead',
    );
  }
  context.tell({ type: 'progress', bytes: total, total, percent: 100 });
  context.tell({ type: 'detail', text: `${imageId}: ${taken.consistency}` });
  return taken;
}

/** The blocks that they hold; where the target doesn't tell, all that their disks could. */
async function storedBytes(
  parts: CreationParts,
  { input }: CreationContext,
  snapshots: readonly Snapshot[],
): Promise<number> {
  const place = { target: await parts.targets.get(input.target), region: input.region };
  let bytes = 0;
  for (const snapshot of snapshots) {
    const told = snapshot.FullSnapshotSizeInBytes;
    const blocks =
      told === undefined
        ? await countBlocks(parts, place, { snapshotId: snapshot.SnapshotId ?? '' })
        : undefined;
    bytes += blocks === undefined ? snapshotBytes(snapshot) : blocks * blockBytes;
  }
  return bytes;
}

function isAtRest(consistency: string): boolean {
  return consistency === 'filesystem' || consistency === 'stopped' || consistency === 'rebooted';
}

/** What the target says, else what follows from how it was asked. */
function consistencyOf(
  image: Image,
  context: CreationContext,
): Pick<TakenImage, 'consistency' | 'stallMs' | 'freezeMs'> {
  const tags = tagsOf(image);
  const milliseconds = (key: string) => Number(tags[key] ?? Number.NaN);
  const stallMs = milliseconds(tagKeys.stallMs);
  const freezeMs = milliseconds(tagKeys.freezeMs);
  const { wasRunning } = context.result('base');
  return {
    consistency: tags[tagKeys.consistency] ?? (wasRunning ? asked[context.input.capture.way] : 'stopped'),
    ...(Number.isFinite(stallMs) ? { stallMs } : {}),
    ...(Number.isFinite(freezeMs) ? { freezeMs } : {}),
  };
}

const asked: Readonly<Record<CreationInput['capture']['way'], string>> = {
  stopped: 'stopped',
  reboot: 'rebooted',
  running: 'crash',
};

async function snapshotsOf(ec2: EC2, runId: string): Promise<readonly Snapshot[]> {
  const filters = [{ Name: `tag:${tagKeys.build}`, Values: [runId] }];
  const { Snapshots = [] } = await ec2.describeSnapshots({ OwnerIds: ['self'], Filters: filters });
  return Snapshots;
}

/** Of what a snapshot stores where the target tells, else of the volume. */
function bytesOf(snapshots: readonly Snapshot[]): { readonly done: number; readonly total: number } {
  const each = snapshots.map((snapshot) => {
    const total = snapshotBytes(snapshot);
    return { total, done: (total * Number.parseFloat(snapshot.Progress || '0')) / 100 };
  });
  return {
    done: each.reduce((sum, { done }) => sum + done, 0),
    total: each.reduce((sum, { total }) => sum + total, 0),
  };
}
