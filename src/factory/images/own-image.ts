import type { Architecture } from '../../platform/ids.ts';
import type { Tags } from '../aws/tags.ts';

/** An image of the target's account, with what the registry knows of it. */
export interface ListedImage {
  readonly target: string;
  readonly region: string;
  readonly imageId: string;
  readonly name: string;
  readonly description: string;
  readonly architecture: Architecture;
  readonly owner: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly state: string;
  readonly public: boolean;
  readonly tags: Tags;
  readonly sizeGiB: number;
  readonly snapshotIds: readonly string[];
  /** The machine that it was made of, where the target tells. */
  readonly instanceId?: string;
  /** The image that that one was launched from. */
  readonly parentImageId?: string;
  readonly lastLaunchedAt?: string;
  readonly template?: string;
  readonly version?: string;
  /** `stopped`, `rebooted`, `filesystem` or `crash`, where its tags say so. */
  readonly consistency?: string;
  readonly project?: string;
  readonly channels: readonly string[];
  /** Its checks passed on a machine launched from it. */
  readonly proven: boolean;
  readonly revoked: boolean;
}

export interface OwnImage extends ListedImage {
  /** What its snapshots hold, by the blocks that were counted; their disks' sizes where none were. */
  readonly storedBytes: number;
  /** US dollars. */
  readonly storagePerMonth: number;
}
