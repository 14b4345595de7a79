/** The tags that tell what a golden image is; names of two of them are the template's choice. */
import type { Tags } from '../../aws/tags.ts';
import type { GoldenTags } from '../../templates/golden-image.ts';

/** Ours alone: which inputs the image has. */
export const goldenKeyTag = 'ingot:golden-key';

export interface GoldenFacts {
  readonly key: string;
  readonly version: string;
  readonly mode?: string | undefined;
  readonly instanceId: string;
  readonly deploymentId: string;
  readonly createdAt: string;
}

export function goldenTags(names: GoldenTags, facts: GoldenFacts): Tags {
  return {
    [names.version]: facts.version,
    ...(facts.mode === undefined ? {} : { [names.mode]: facts.mode }),
    CreatedFrom: facts.instanceId,
    CreatedFromJob: facts.deploymentId,
    ManagedBy: names.managedBy,
    CreatedAt: facts.createdAt,
    AutoCreated: 'true',
    [goldenKeyTag]: facts.key,
  };
}
