/** An image with its snapshots under the factory's tags, also where the call that made it does not write them all. */
import type { EC2, Image, ResourceType } from '@aws-sdk/client-ec2';
import { type Tags, tagList, tagsOf } from '../../aws/tags.ts';
import type { Target } from '../../targets/target.ts';

/** What CreateImage is asked to tag by itself. An EC2 that isn't AWS may refuse the call for its snapshots. */
export function taggedByCreateImage({ kind }: Pick<Target, 'kind'>): readonly ResourceType[] {
  return kind === 'endpoint' ? ['image'] : ['image', 'snapshot'];
}

/** Writes what is missing. The image is available. */
export async function tagImage(ec2: EC2, image: Image, tags: Tags): Promise<void> {
  const snapshotIds = (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
  const filters = [{ Name: 'snapshot-id', Values: snapshotIds }];
  const { Snapshots = [] } =
    snapshotIds.length === 0 ? {} : await ec2.describeSnapshots({ Filters: filters });
  const isTagged = (resource: Parameters<typeof tagsOf>[0]) => {
    const there = tagsOf(resource);
    return Object.keys(tags).every((key) => key in there);
  };
  const untagged = [
    ...(isTagged(image) ? [] : [image.ImageId ?? '']),
    ...Snapshots.filter((snapshot) => !isTagged(snapshot)).map(({ SnapshotId }) => SnapshotId ?? ''),
  ];
  if (untagged.length > 0) await ec2.createTags({ Resources: untagged, Tags: tagList(tags) });
}
