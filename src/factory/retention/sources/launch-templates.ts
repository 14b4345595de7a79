import type { Reference, ReferenceSource } from '../references.ts';

/** Every version counts, not only the default: an Auto Scaling group may stand on any of them. */
export const launchTemplatesOf: ReferenceSource = async ({ target, region }, imageIds) => {
  const { paginateDescribeLaunchTemplates, paginateDescribeLaunchTemplateVersions } = await import(
    '@aws-sdk/client-ec2'
  );
  const client = await target.client(region);
  const wanted = new Set(imageIds);
  const found: Reference[] = [];
  for await (const page of paginateDescribeLaunchTemplates({ client }, {})) {
    for (const { LaunchTemplateId, LaunchTemplateName } of page.LaunchTemplates ?? []) {
      for await (const versions of paginateDescribeLaunchTemplateVersions({ client }, { LaunchTemplateId })) {
        for (const { VersionNumber, LaunchTemplateData } of versions.LaunchTemplateVersions ?? []) {
          const imageId = LaunchTemplateData?.ImageId ?? '';
          if (!wanted.has(imageId)) continue;
          const because = `launch template ${LaunchTemplateName} launches it in version ${VersionNumber}`;
          found.push({ imageId, kind: 'launch-template', because });
        }
      }
    }
  }
  return found;
};
