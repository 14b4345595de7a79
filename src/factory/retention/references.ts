/**
 * Who needs an image. Each source looks at many images of one region at once and names everything that would miss
 * one; what a source can't find out is an error, never "nobody".
 */
import type { Target } from '../targets/target.ts';

export type ReferenceKind =
  | 'instance'
  | 'launch-template'
  | 'channel'
  | 'child'
  | 'template'
  | 'account'
  | 'deployment'
  | 'catalogue'
  | 'step-cache';

export interface Reference {
  readonly imageId: string;
  readonly kind: ReferenceKind;
  /** As it stands after 'kept because ': 'instance i-… (web) is made of it'. */
  readonly because: string;
}

export interface Place {
  readonly target: Target;
  readonly region: string;
}

export type ReferenceSource = (place: Place, imageIds: readonly string[]) => Promise<readonly Reference[]>;

/** By image, in the order of the sources. */
export async function findReferences(
  sources: readonly ReferenceSource[],
  place: Place,
  imageIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Reference[]>> {
  if (imageIds.length === 0) return new Map();
  const found = await Promise.all(sources.map((source) => source(place, imageIds)));
  return Map.groupBy(found.flat(), (reference) => reference.imageId);
}
