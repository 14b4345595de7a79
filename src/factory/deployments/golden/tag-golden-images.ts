/** Only now do the image and its snapshots say what they are: an image that others find by its tags is proven. */
import { tagList } from '../../aws/tags.ts';
import type { DeploymentParts } from '../parts.ts';
import type { GoldenContext } from './golden-input.ts';
import { goldenTags } from './golden-tags.ts';
import { sayCreation } from './say-creation.ts';

export async function tagGoldenImages(parts: DeploymentParts, context: GoldenContext): Promise<null> {
  const { input } = context;
  const { goldenImage } = input.template;
  if (goldenImage === undefined) return null;
  const target = await parts.targets.get(input.target);
  const own = { region: input.region, ...context.result('image') };
  sayCreation(parts, input.deploymentId, `✓ AMI is now available! Size: ${own.sizeGiB} GB`);
  for (const { region, imageId, snapshotIds } of [own, ...context.result('copies')]) {
    const tags = goldenTags(goldenImage.tags, {
      key: input.keys[region] ?? '',
      version: input.app.version,
      mode: input.app.mode,
      instanceId: input.instanceId,
      deploymentId: input.deploymentId,
      createdAt: input.createdAt,
    });
    const ec2 = await target.client(region);
    await ec2.createTags({ Resources: [imageId, ...snapshotIds], Tags: tagList(tags) });
    if (region !== input.region) sayCreation(parts, input.deploymentId, `${region}: ${imageId}`);
  }
  return null;
}
