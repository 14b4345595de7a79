import type { Architecture } from '../../platform/ids.ts';
import { FactoryError } from '../factory-error.ts';
import type { Template } from './template.ts';

/** What `resolveBase` is asked for: of a saved template, the image that was saved in that region. */
export function baseSource(
  { slug, base }: Pick<Template, 'slug' | 'base'>,
  region: string,
  architecture: Architecture,
): string {
  if (base.kind !== 'saved-instance') return base.source;
  const imageId = base.images[region]?.[architecture];
  if (imageId !== undefined) return imageId;
  const known = Object.entries(base.images).flatMap(([at, each]) =>
    Object.keys(each).map((arch) => `${at} (${arch})`),
  );
  throw new FactoryError(
    'invalid',
    `${slug} was saved from a machine and has no image in ${region} for ${architecture}; it has one in ${known.join(', ') || 'no region'}. ` +
      'Copy it there first, or build where it is',
  );
}
