/**
 * Which snapshots of two clouds hold the same. A snapshot that was sent carries the id of what it was made from, so
 * tags on either side tell; what was sent once can be the parent of what is sent next.
 */
import type { Snapshot, Tag } from '@aws-sdk/client-ec2';
import type { CloudEnd } from './cloud-end.ts';

export const lineageTags = {
  snapshot: 'ingot:source-snapshot',
  image: 'ingot:source-image',
  region: 'ingot:source-region',
} as const;

export interface Twin {
  readonly source: string;
  readonly target: string;
}

/** Newest first. */
const mostCandidates = 10;

/** The snapshot's own twin at the target, owned there and complete. */
export async function twinOf(source: Snapshot, from: CloudEnd, to: CloudEnd): Promise<string | undefined> {
  const sent = await ownSnapshots(to, [
    { Name: `tag:${lineageTags.snapshot}`, Values: [source.SnapshotId ?? ''] },
  ]);
  if (sent[0] !== undefined) return sent[0].SnapshotId;
  const origin = tagOf(source.Tags, lineageTags.snapshot);
  if (origin === undefined || from.title === to.title) return undefined;
  const [here] = await ownSnapshots(to, [{ Name: 'snapshot-id', Values: [origin] }]);
  return here?.SnapshotId;
}

/** Pairs that may be parents: those that were sent from here, and those that came from there. */
export async function twins(from: CloudEnd, to: CloudEnd): Promise<readonly Twin[]> {
  const tagged = [{ Name: 'tag-key', Values: [lineageTags.snapshot] }];
  const [sent, received] = await Promise.all([ownSnapshots(to, tagged), ownSnapshots(from, tagged)]);
  const pairs = [
    ...sent.map((snapshot) => ({
      at: snapshot.StartTime,
      source: tagOf(snapshot.Tags, lineageTags.snapshot),
      target: snapshot.SnapshotId,
    })),
    ...received.map((snapshot) => ({
      at: snapshot.StartTime,
      source: snapshot.SnapshotId,
      target: tagOf(snapshot.Tags, lineageTags.snapshot),
    })),
  ];
  return pairs
    .sort((a, b) => (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0))
    .flatMap(({ source, target }) =>
      source === undefined || target === undefined ? [] : [{ source, target }],
    );
}

/** The newest pair of which the snapshot descends, so that only what changed since must be sent. */
export async function findParent(source: Snapshot, from: CloudEnd, to: CloudEnd): Promise<Twin | undefined> {
  const candidates = (await twins(from, to)).filter((pair) => pair.source !== source.SnapshotId);
  for (const pair of candidates.slice(0, mostCandidates)) {
    if ((await fits(pair, source, from)) && (await isThere(pair.target, source, to))) return pair;
  }
  return undefined;
}

/** The source compares only what is related; what is gone or foreign is no parent. */
async function fits(pair: Twin, source: Snapshot, from: CloudEnd): Promise<boolean> {
  try {
    await from.ebs.listChangedBlocks({
      FirstSnapshotId: pair.source,
      SecondSnapshotId: source.SnapshotId ?? '',
      MaxResults: 100,
    });
    return true;
  } catch (error) {
    const { name } = error as Error;
    if (['ValidationException', 'ResourceNotFoundException', 'AccessDeniedException'].includes(name))
      return false;
    throw error;
  }
}

async function isThere(snapshotId: string, source: Snapshot, to: CloudEnd): Promise<boolean> {
  const [snapshot] = await ownSnapshots(to, [{ Name: 'snapshot-id', Values: [snapshotId] }]);
  return snapshot !== undefined && (snapshot.VolumeSize ?? 0) <= (source.VolumeSize ?? 0);
}

async function ownSnapshots(
  { ec2 }: CloudEnd,
  filters: readonly { readonly Name: string; readonly Values: string[] }[],
): Promise<readonly Snapshot[]> {
  const { paginateDescribeSnapshots } = await import('@aws-sdk/client-ec2');
  const found: Snapshot[] = [];
  const Filters = [...filters, { Name: 'status', Values: ['completed'] }];
  for await (const page of paginateDescribeSnapshots({ client: ec2 }, { OwnerIds: ['self'], Filters })) {
    found.push(...(page.Snapshots ?? []));
  }
  return found;
}

export function tagOf(tags: readonly Tag[] | undefined, key: string): string | undefined {
  return tags?.find((tag) => tag.Key === key)?.Value;
}

/** Without what AWS keeps to itself, and without where the source came from. */
export function tagsToSend(tags: readonly Tag[] | undefined): readonly Tag[] {
  const own: readonly string[] = Object.values(lineageTags);
  return (tags ?? []).filter(({ Key = '' }) => !Key.startsWith('aws:') && !own.includes(Key));
}
