/** Of measured values, and how they are written. */

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1));
  return sorted[position] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** '12.3', '4,560': three digits that mean something, never an exponent. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Median, and in brackets the least and the most. */
export function withSpread(values: readonly number[], unit = ''): string {
  const suffix = unit === '' ? '' : ` ${unit}`;
  return `${figure(median(values))}${suffix} (${figure(Math.min(...values))}–${figure(Math.max(...values))})`;
}

/** How many times `values` the peer is, pair by pair: a ratio holds when the machine's speed drifts. */
export function ratios(values: readonly number[], peer: readonly number[]): readonly number[] {
  return values.flatMap((value, index) => {
    const other = peer[index];
    return other === undefined ? [] : [other / value];
  });
}
