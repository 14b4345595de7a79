/** What a template asks of the image that a deployment leaves behind. */
import type { z } from 'zod';
import type { goldenImage } from './schema-golden-image.ts';

export interface GoldenImage {
  /** Between ready and the image. */
  readonly delayMs: number;
  /** How often it is tried. */
  readonly attempts: number;
  /** `{app}`, `{version}`, `{mode}` and `{time}` stand in it. */
  readonly name: string;
  /** Where it is copied to; all of the target's regions unless told. */
  readonly regions?: readonly string[];
  readonly use: 'matching' | 'tagged' | 'never';
  /** An older image is not started from. */
  readonly maxAgeMs?: number;
  readonly tags: GoldenTags;
}

/** Names of tags, so that images of a fleet that exists already are told apart and kept up in its own words. */
export interface GoldenTags {
  readonly version: string;
  readonly mode: string;
  /** The value of `ManagedBy`. */
  readonly managedBy: string;
}

type Given = Exclude<z.output<typeof goldenImage>, false>;

export function resolveGoldenImage(given: Given): GoldenImage {
  const chosen = given === true ? {} : given;
  const { prefix = '', version, mode, managed_by: managedBy = 'Ingot' } = chosen.tags ?? {};
  return {
    delayMs: chosen.delay ?? 30_000,
    attempts: chosen.attempts ?? 3,
    name: chosen.name ?? '{app}-golden-{version}-{time}',
    ...(chosen.regions === undefined ? {} : { regions: chosen.regions }),
    use: chosen.use ?? 'matching',
    ...(chosen.max_age === undefined ? {} : { maxAgeMs: chosen.max_age }),
    tags: {
      version: version ?? `${prefix}Version`,
      mode: mode ?? `${prefix}DeploymentMode`,
      managedBy,
    },
  };
}
