import { inBatches } from '../../aws/in-batches.ts';
import type { Place, Reference, ReferenceSource } from '../references.ts';

const atOnce = 16;

/** EC2 tells who an image is shared with for one image at a time. */
export const accountsOf: ReferenceSource = async (place, imageIds) => {
  const found: Reference[] = [];
  for (const batch of inBatches(imageIds, atOnce)) {
    const answers = await Promise.all(batch.map((imageId) => permissionsOf(place, imageId)));
    found.push(...answers.flat());
  }
  return found;
};

async function permissionsOf({ target, region }: Place, imageId: string): Promise<readonly Reference[]> {
  const client = await target.client(region);
  const request = { ImageId: imageId, Attribute: 'launchPermission' } as const;
  const { LaunchPermissions = [] } = await client.describeImageAttribute(request);
  return LaunchPermissions.map(({ UserId, Group, OrganizationArn, OrganizationalUnitArn }) => {
    const who = UserId ? `account ${UserId}` : (OrganizationArn ?? OrganizationalUnitArn);
    const because = Group === 'all' ? 'it is public' : `${who} may launch it`;
    return { imageId, kind: 'account', because };
  });
}
