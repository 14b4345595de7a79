/** What deleting images is asked for, what it would do, and what it did. */
import type { Reference } from '../retention/references.ts';

export interface DeletionOrder {
  readonly target: string;
  /** All of the target's unless told. */
  readonly region?: string | undefined;
  /** An image's id or name, TEMPLATE@VERSION, or a template whose `version` is named. */
  readonly image?: string | undefined;
  /** Of the template that `image` names; of any where it names none. */
  readonly version?: string | undefined;
  readonly deregisterOnly: boolean;
}

export interface PlannedDeletion {
  readonly target: string;
  readonly region: string;
  readonly imageId: string;
  readonly name: string;
  readonly state: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly template?: string;
  readonly version?: string;
  readonly snapshots: readonly PlannedSnapshot[];
  /** Of the snapshots that go: at most so much is free, and so many US dollars a month. */
  readonly freedBytes: number;
  readonly freedPerMonth: number;
  /** Channels that point to it, and the version that they go back to. */
  readonly channels: readonly { readonly channel: string; readonly to?: string }[];
  /** Who would miss it. */
  readonly uses: readonly Reference[];
  /** Why it can't go, whoever asks. */
  readonly obstacle?: string;
  /** Why it goes only by force. */
  readonly needed?: string;
}

export interface PlannedSnapshot {
  readonly snapshotId: string;
  readonly sizeGiB: number;
  readonly goes: boolean;
  /** Why it stays. */
  readonly because?: string;
}

export interface DeletedImage {
  readonly target: string;
  readonly region: string;
  readonly imageId: string;
  readonly name: string;
  readonly what: 'deleted' | 'kept' | 'failed';
  /** Snapshots that went with it. */
  readonly snapshots: readonly string[];
  /** ISO 8601: until then EC2's recycle bin keeps it. */
  readonly restorableUntil?: string;
  readonly reason?: string;
}
