/** The cache's layers: snapshots of build machines, known by their tags alone, so the target itself keeps the cache. */
import type { EC2, Filter, Snapshot } from '@aws-sdk/client-ec2';
import { tagKeys, tagsOf } from '../aws/tags.ts';

export interface Layer {
  readonly snapshotId: string;
  readonly key: string;
  readonly template: string;
  /** The build that took it. */
  readonly buildId: string;
  /** The step after which it was taken. */
  readonly step: string;
  readonly architecture: string;
  readonly region: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly sizeGiB: number;
}

export interface LayerChoice {
  readonly region: string;
  readonly keys?: readonly string[];
  readonly template?: string;
}

/** Those that are complete, newest first. */
export async function findLayers(
  ec2: EC2,
  { region, keys, template }: LayerChoice,
): Promise<readonly Layer[]> {
  const byTag = (key: string, values: readonly string[]): Filter => ({
    Name: `tag:${key}`,
    Values: [...values],
  });
  const { Snapshots = [] } = await ec2.describeSnapshots({
    OwnerIds: ['self'],
    Filters: [
      { Name: 'status', Values: ['completed'] },
      keys === undefined ? { Name: 'tag-key', Values: [tagKeys.cache] } : byTag(tagKeys.cache, keys),
      ...(template === undefined ? [] : [byTag(tagKeys.cacheTemplate, [template])]),
    ],
  });
  return Snapshots.map((snapshot) => asLayer(snapshot, region)).toSorted((a, b) =>
    b.createdAt.localeCompare(a.createdAt),
  );
}

function asLayer(snapshot: Snapshot, region: string): Layer {
  const tags = tagsOf(snapshot);
  const [step = '', architecture = ''] = (tags[tagKeys.cacheStep] ?? '').split(' / ');
  return {
    snapshotId: snapshot.SnapshotId ?? '',
    key: tags[tagKeys.cache] ?? '',
    template: tags[tagKeys.cacheTemplate] ?? '',
    buildId: tags[tagKeys.build] ?? '',
    step,
    architecture,
    region,
    createdAt: snapshot.StartTime?.toISOString() ?? '',
    sizeGiB: snapshot.VolumeSize ?? 0,
  };
}
