/** Copies say in a tag what they are copies of, so that a copy that is there isn't made again. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { findImages, literal } from '../aws/find-images.ts';
import { type Tags, tagKeys } from '../aws/tags.ts';
import type { CopyInput } from './copy.ts';

export function copyTags({ region, imageId, tags }: CopyInput, runId: string): Tags {
  return { ...tags, [tagKeys.copiedFrom]: copiedFrom({ region, imageId }), [tagKeys.build]: runId };
}

/** What a copy takes over: not what EC2 wrote, nor what tells of the image itself. */
export function inherited(tags: Tags): Tags {
  const own = [tagKeys.build, tagKeys.copiedFrom] as readonly string[];
  return Object.fromEntries(
    Object.entries(tags).filter(([key]) => !key.startsWith('aws:') && !own.includes(key)),
  );
}

export async function findCopy(
  ec2: EC2,
  source: { readonly region: string; readonly imageId: string },
): Promise<string | undefined> {
  const [image] = await findImages(ec2, {
    owners: ['self'],
    filters: [{ Name: `tag:${tagKeys.copiedFrom}`, Values: [literal(copiedFrom(source))] }],
  });
  return image?.ImageId;
}

function copiedFrom({ region, imageId }: { readonly region: string; readonly imageId: string }): string {
  return `${region} ${imageId}`;
}
