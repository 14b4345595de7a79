import type { Architecture } from '../../platform/ids.ts';

/** An image of ours on one target, as retention weighs it. */
export interface ManagedImage {
  readonly target: string;
  readonly region: string;
  readonly imageId: string;
  readonly name: string;
  /** The template's slug, or the app's name. */
  readonly template: string;
  readonly version: string;
  readonly architecture: Architecture;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; absent where it was never launched, or where the target doesn't tell. */
  readonly lastLaunchedAt?: string;
  readonly state: string;
  /** Deregistration is forbidden on the image itself. */
  readonly isProtected: boolean;
  readonly snapshotIds: readonly string[];
  /** What its snapshots hold. Blocks that other snapshots hold too count in full: no target tells them apart. */
  readonly sizeBytes: number;
  /** US dollars a month, for those bytes. */
  readonly costPerMonth: number;
  /** Those that were pointed to it by hand, now or once: `latest` follows every version. */
  readonly channels: readonly string[];
  /** ISO 8601: retention deprecated it, and lets it go then. */
  readonly retireAfter?: string;
  /** ISO 8601: since when it lies in the bin, and when it may be deleted. */
  readonly binnedAt?: string;
  readonly deleteAfter?: string;
  /** Why nobody may retire it, in the words of whoever pinned it. */
  readonly pin?: string;
}

/** Where versions follow one another: newest and oldest are meant within it. */
export function lineOf(image: ManagedImage): string {
  return [image.target, image.template, image.region, image.architecture].join(' ');
}
