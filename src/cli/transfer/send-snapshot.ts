/**
 * A snapshot at one cloud becomes one at another: what was sent before is found, what a parent has is not sent, what
 * was interrupted goes on, and the whole is checked by the target before it counts.
 */
import type { Snapshot } from '@aws-sdk/client-ec2';
import { blocksOf, inParallel, linearChecksum, readBlock, writeBlock } from '../../platform/ebs-blocks.ts';
import { CliError } from '../errors.ts';
import type { CloudEnd } from './cloud-end.ts';
import { findParent, lineageTags, tagsToSend, twinOf } from './lineage.ts';
import { beginProgress, progressFile, readProgress, type TransferProgress } from './progress-file.ts';

export interface SendSnapshot {
  readonly source: Snapshot;
  readonly from: CloudEnd;
  readonly to: CloudEnd;
  readonly home: string;
  readonly parallel: number;
  readonly onProgress: (progress: SendProgress) => void;
}

export interface SendProgress {
  readonly percent: number;
  readonly blocksSent: number;
  readonly bytesSent: number;
}

export interface SentSnapshot extends SendProgress {
  readonly snapshotId: string;
  /** Of the source: only what changed since was sent. */
  readonly parent?: string;
  /** It was there, so nothing was sent. */
  readonly known: boolean;
}

const blockBytes = 512 * 1024;
const blocksPerGiB = 2048;
/** Time to come back to what was interrupted. */
const timeoutMinutes = 24 * 60;
const nothing: SendProgress = { percent: 100, blocksSent: 0, bytesSent: 0 };

export async function sendSnapshot(request: SendSnapshot): Promise<SentSnapshot> {
  const { source, from, to, home } = request;
  const sourceId = source.SnapshotId ?? '';
  const twin = await twinOf(source, from, to);
  if (twin !== undefined) return { ...nothing, snapshotId: twin, known: true };

  const file = progressFile(home, sourceId, to.title);
  const { progress, parent } = await begin(request, file);
  const sent = await sendBlocks(request, progress, parent);
  await to.ebs.completeSnapshot({
    SnapshotId: progress.snapshotId,
    ChangedBlocksCount: progress.blocks.size,
    Checksum: linearChecksum(progress.blocks),
    ChecksumAlgorithm: 'SHA256',
    ChecksumAggregationMethod: 'LINEAR',
  });
  await completed(to, progress.snapshotId);
  await progress.remove();
  return {
    ...sent,
    percent: 100,
    snapshotId: progress.snapshotId,
    known: false,
    ...(parent === undefined ? {} : { parent }),
  };
}

async function begin({ source, from, to, home }: SendSnapshot, file: string) {
  const earlier = await readProgress(file);
  if (earlier !== undefined && (await stateOf(to, earlier.snapshotId)) === 'pending') {
    return { progress: earlier.progress, parent: earlier.parent ?? undefined };
  }
  const parent = await findParent(source, from, to);
  const { SnapshotId: snapshotId = '', BlockSize } = await to.ebs.startSnapshot({
    VolumeSize: source.VolumeSize,
    Timeout: timeoutMinutes,
    Description: (source.Description ?? '').slice(0, 255) || undefined,
    ...(parent === undefined ? {} : { ParentSnapshotId: parent.target }),
    Tags: [
      ...tagsToSend(source.Tags),
      { Key: lineageTags.snapshot, Value: source.SnapshotId },
      { Key: lineageTags.region, Value: from.region },
    ],
  });
  if (BlockSize !== blockBytes) {
    throw new CliError(`${to.title} has blocks of ${BlockSize} bytes; only ${blockBytes} can be sent`);
  }
  const begun = { snapshotId, parent: parent?.source ?? null };
  return { progress: await beginProgress(home, file, begun), parent: parent?.source };
}

async function sendBlocks(
  { source, from, to, parallel, onProgress }: SendSnapshot,
  progress: TransferProgress,
  parent: string | undefined,
): Promise<SendProgress> {
  const sourceId = source.SnapshotId ?? '';
  const blocks = (source.VolumeSize ?? 1) * blocksPerGiB;
  let blocksSent = 0;
  let percent = 0;
  await inParallel(parallel, blocksOf(from.ebs, sourceId, parent), async (block) => {
    if (progress.blocks.has(block.index)) return;
    const { content, sha256 } = await readBlock(from.ebs, sourceId, block, blockBytes);
    percent = Math.max(percent, Math.floor((100 * block.index) / blocks));
    await writeBlock(to.ebs, progress.snapshotId, { index: block.index, content, sha256, percent });
    await progress.add(block.index, sha256);
    blocksSent += 1;
    onProgress({ percent, blocksSent, bytesSent: blocksSent * blockBytes });
  });
  return { percent, blocksSent, bytesSent: blocksSent * blockBytes };
}

async function stateOf({ ec2 }: CloudEnd, snapshotId: string): Promise<string | undefined> {
  const filter = { Name: 'snapshot-id', Values: [snapshotId] };
  const { Snapshots = [] } = await ec2.describeSnapshots({ OwnerIds: ['self'], Filters: [filter] });
  return Snapshots[0]?.State;
}

const longestSealMs = 60 * 60_000;

/** The target seals it in its own time. */
async function completed(to: CloudEnd, snapshotId: string): Promise<void> {
  const until = Date.now() + longestSealMs;
  for (;;) {
    const state = await stateOf(to, snapshotId);
    if (state === 'completed') return;
    if (state !== 'pending' || Date.now() > until) {
      throw new CliError(
        `${snapshotId} at ${to.title} is ${state ?? 'gone'}, not completed; send the image again`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
