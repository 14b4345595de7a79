/** Lengths of time as people write them: '90s', '30m', '2h', '7d'; a bare number counts seconds. */
const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

export const durationPattern = /^\d+(\.\d+)?(ms|s|m|h|d|w)$/;

/** Milliseconds, or undefined where it is none. */
export function durationMs(text: string | number): number | undefined {
  if (typeof text === 'number') return Number.isFinite(text) && text >= 0 ? text * unitsMs.s : undefined;
  if (/^\d+$/.test(text)) return Number(text) * unitsMs.s;
  if (!durationPattern.test(text)) return undefined;
  const unit = text.replace(/^[\d.]+/, '') as keyof typeof unitsMs;
  return Math.round(Number.parseFloat(text) * unitsMs[unit]);
}
