/** What retention is told to keep. An image goes only where every rule that is given lets it go. */
export interface RetentionRules {
  /** The newest by version, of each template, region and architecture; and of what each channel pointed to. */
  readonly keepLatest?: number;
  /** An image younger than this stays. */
  readonly maxAgeMs?: number;
  /** One that was launched within this stays. Where the target doesn't tell of launches, its age counts. */
  readonly unusedForMs?: number;
  /** Of a template, region and architecture: beyond it the oldest go, whatever their age. */
  readonly budgetGiB?: number;
  /** The same in US dollars a month. */
  readonly budgetPerMonth?: number;
}

export function hasRules(rules: RetentionRules): boolean {
  return Object.values(rules).some((value) => value !== undefined);
}
