/** What retention would let go of once the planned version is there, by its own rules and reasons. */
import type { BuildInput } from '../builds/build.ts';
import type { Factory } from '../factory.ts';
import { cleanupPlan } from '../retention/cleanup.ts';
import type { ManagedImage } from '../retention/managed-image.ts';

export interface Outlived {
  readonly region: string;
  readonly version: string;
  readonly imageId: string;
  /** '3 newer than it, and the newest 3 stay'. */
  readonly because: string;
}

/** `latest` still points to the version before: where only that holds an image, it is not among these. */
export async function retentionThen(factory: Factory, input: BuildInput): Promise<readonly Outlived[]> {
  const { template, target } = input;
  const configured = factory.retention.rules;
  const rules = configured[template.slug] ?? template.retention ?? configured['*'];
  if (rules === undefined) return [];
  const plans = [input.region, ...input.copyTo].map(async (region) => {
    const expected = [plannedImage(factory, input, region)];
    const order = { target, region, template: template.slug, rules, expected };
    const { decisions } = await cleanupPlan(factory, order);
    return decisions
      .filter(({ fate }) => fate !== 'keep' && fate !== 'spare')
      .map(({ image: { version, imageId }, because }) => ({ region, version, imageId, because }));
  });
  return (await Promise.all(plans)).flat();
}

/** Its size is not known before it is there: a budget counts the others alone. */
function plannedImage({ now }: Factory, input: BuildInput, region: string): ManagedImage {
  const { target, template, version, architecture, imageName } = input;
  return {
    ...{ target, region, version, architecture },
    imageId: '',
    name: imageName,
    template: template.slug,
    createdAt: now().toISOString(),
    state: 'available',
    isProtected: false,
    snapshotIds: [],
    sizeBytes: 0,
    costPerMonth: 0,
    channels: [],
  };
}
