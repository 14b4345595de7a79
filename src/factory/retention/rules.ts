/** What retention is told to keep. An image goes only where every rule that is given lets it go. */
export interface RetentionRules {
  /** Of each template, region and architecture; and of what each channel pointed to, for rolling back. */
  readonly keepLatest?: number;
  /** An image younger than this stays. */
  readonly maxAgeMs?: number;
  /** One that was launched within this stays. Where the target doesn't tell of launches, its age counts. */
  readonly unusedForMs?: number;
  /** Of a template in a region: beyond it the oldest go, whatever their age. */
  readonly budgetGiB?: number;
}

export function hasRules(rules: RetentionRules): boolean {
  return Object.values(rules).some((value) => value !== undefined);
}
