import type { Reference, ReferenceSource } from '../references.ts';

/** EC2 tells who an image is shared with for one image at a time. */
export const accountsOf: ReferenceSource = async ({ target, region }, imageIds) => {
  const client = await target.client(region);
  const found: Reference[] = [];
  for (const imageId of imageIds) {
    const { LaunchPermissions = [] } = await client.describeImageAttribute({
      ImageId: imageId,
      Attribute: 'launchPermission',
    });
    for (const { UserId, Group, OrganizationArn, OrganizationalUnitArn } of LaunchPermissions) {
      const who = UserId ? `account ${UserId}` : (OrganizationArn ?? OrganizationalUnitArn);
      const because = Group === 'all' ? 'it is public' : `${who} may launch it`;
      found.push({ imageId, kind: 'account', because });
    }
  }
  return found;
};
