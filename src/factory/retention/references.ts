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
  | 'build'
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

export interface ReferenceSources {
  /** Asked about all images. */
  readonly many: readonly ReferenceSource[];
  /** Asked about those that nobody else needs: EC2 answers for one image at a time. */
  readonly one: readonly ReferenceSource[];
}

/** By image, in the order of the sources. */
export async function findReferences(
  { many, one }: ReferenceSources,
  place: Place,
  imageIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Reference[]>> {
  const found = await ask(many, place, imageIds);
  const needed = new Set(found.map(({ imageId }) => imageId));
  const rest = await ask(
    one,
    place,
    imageIds.filter((imageId) => !needed.has(imageId)),
  );
  return Map.groupBy([...found, ...rest], ({ imageId }) => imageId);
}

async function ask(
  sources: readonly ReferenceSource[],
  place: Place,
  imageIds: readonly string[],
): Promise<readonly Reference[]> {
  if (imageIds.length === 0) return [];
  return (await Promise.all(sources.map((source) => source(place, imageIds)))).flat();
}
