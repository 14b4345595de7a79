/** Values by region and architecture, as the document nests them. */
import type { Architecture } from '../../../platform/ids.ts';
import type { PerPlace } from './schema.ts';

export interface Placed<T> {
  readonly region: string;
  readonly architecture: Architecture;
  readonly value: T;
}

export function placedValues<T>(nested: PerPlace<T>): readonly Placed<T>[] {
  return Object.entries(nested).flatMap(([region, values]) =>
    (Object.entries(values) as [Architecture, T | undefined][]).flatMap(([architecture, value]) =>
      value === undefined ? [] : [{ region, architecture, value }],
    ),
  );
}

/** Sorted, so that the same values give the same text. A later value of a place takes the place of an earlier one. */
export function nested<T>(values: readonly Placed<T>[]): PerPlace<T> {
  const regions = Map.groupBy(values, ({ region }) => region);
  return sortedObject(
    [...regions].map(([region, group]) => [
      region,
      sortedObject(group.map(({ architecture, value }) => [architecture, value] as const)),
    ]),
  );
}

export function sortedObject<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
