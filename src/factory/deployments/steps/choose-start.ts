/** What the machine is launched from: an image of these inputs, if there is one and the app wants it, else the base. */
import type { DeploymentContext, DeploymentStart } from '../deployment.ts';
import { updateDeployment } from '../deployment-row.ts';
import { findGoldenImage } from '../golden/find-golden-image.ts';
import { imageKey } from '../golden/image-key.ts';
import type { DeploymentParts } from '../parts.ts';

export async function chooseStart(
  parts: DeploymentParts,
  context: DeploymentContext,
): Promise<DeploymentStart> {
  const { input, runId } = context;
  const base = context.result('base');
  const key = imageKey(input, base);
  const golden = await usableImage(parts, context, key);
  const start: DeploymentStart =
    'imageId' in golden
      ? { key, imageId: golden.imageId, cachedSteps: input.setUpSteps, golden: true, why: '' }
      : { key, imageId: base.imageId, cachedSteps: 0, golden: false, why: golden.why };
  await updateDeployment(parts, runId, {
    image_key: key,
    ami_id: start.imageId,
    use_cached_ami: start.golden ? 1 : 0,
  });
  const text = start.golden
    ? `${start.imageId}: the set-up is in it, only the first boot's part runs`
    : `none: ${start.why}; the whole set-up runs on ${base.name}`;
  context.tell({ type: 'detail', text });
  return start;
}

async function usableImage(
  parts: DeploymentParts,
  { input }: DeploymentContext,
  key: string,
): Promise<{ readonly imageId: string } | { readonly why: string }> {
  const { goldenImage, fresh } = input;
  if (fresh) return { why: 'asked for a fresh one' };
  if (goldenImage === undefined) return { why: 'the template has no golden_image' };
  if (goldenImage.use === 'never') return { why: 'the template says golden_image.use: never' };
  const found = await findGoldenImage(parts, input, key);
  if (found === undefined) return { why: 'no image has these inputs' };
  if (found.by === 'tags' && goldenImage.use !== 'tagged') {
    return {
      why: `${found.imageId} has this version, but others made it (golden_image.use: tagged takes it)`,
    };
  }
  const { maxAgeMs = Number.POSITIVE_INFINITY } = goldenImage;
  if (parts.now().getTime() - Date.parse(found.createdAt) > maxAgeMs) {
    return { why: `${found.imageId} is older than golden_image.max_age` };
  }
  return found;
}
