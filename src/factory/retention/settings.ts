import type { FleetTags } from './managed-images.ts';
import type { RetentionRules } from './rules.ts';

/** What the home's configuration says of retention. */
export interface RetentionSettings {
  /** Of templates and apps by name; `*`: of all that say nothing themselves. */
  readonly rules: Readonly<Record<string, RetentionRules>>;
  readonly fleets: readonly FleetTags[];
  /** Unless told otherwise when a cleanup is asked for. */
  readonly deprecateDays: number;
  readonly binDays: number;
  /** Absent: a cleanup happens when somebody asks for it. */
  readonly everyMs?: number;
}

export const usualRetention: RetentionSettings = { rules: {}, fleets: [], deprecateDays: 7, binDays: 7 };
