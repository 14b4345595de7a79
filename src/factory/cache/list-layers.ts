import type { Factory } from '../factory.ts';
import { findLayers, type Layer } from './layers.ts';

export interface CacheChoice {
  readonly target: string;
  /** All of the target's unless told. */
  readonly region?: string | undefined;
  readonly template?: string | undefined;
}

/** Newest first. */
export async function listLayers(
  factory: Pick<Factory, 'targets'>,
  { target: name, region, template }: CacheChoice,
): Promise<readonly Layer[]> {
  const target = await factory.targets.get(name);
  const regions = region === undefined ? target.regions : [region];
  const found = await Promise.all(
    regions.map(async (each) =>
      findLayers(await target.client(each), {
        region: each,
        ...(template === undefined ? {} : { template }),
      }),
    ),
  );
  return found.flat().toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
}
