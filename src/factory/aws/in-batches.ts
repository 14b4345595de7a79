/** EC2 takes so many values in the filters of one call, all together. */
export const filterValues = 200;

export function inBatches<T>(values: readonly T[], size = filterValues): T[][] {
  const batches: T[][] = [];
  for (let from = 0; from < values.length; from += size) batches.push(values.slice(from, from + size));
  return batches;
}
