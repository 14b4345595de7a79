/** An image to other regions: what is asked for, and what comes of it. */
import type { StepContext } from '../../platform/workflows/workflow.ts';
import type { Tags } from '../aws/tags.ts';
import type { LaunchQuestion } from '../launches/launch-answer.ts';
import type { RegionCopy } from './copy-to-each.ts';

export interface CopyRequest extends LaunchQuestion {
  /** The image's region, in which the name is looked up. */
  readonly region: string;
  readonly copyTo: readonly string[];
}

/** Stored with the run, so that it goes on the same after a restart. */
export interface CopyInput {
  readonly target: string;
  readonly region: string;
  readonly imageId: string;
  readonly imageName: string;
  readonly description: string;
  readonly tags: Tags;
  readonly sizeGiB: number;
  /** Where there is none yet. */
  readonly copyTo: readonly string[];
  /** Copies from before. */
  readonly present: readonly { readonly region: string; readonly imageId: string }[];
  readonly createdAt: string;
}

export interface CopyResults {
  copies: readonly RegionCopy[];
  register: null;
}

export type CopyRunContext = StepContext<CopyInput, CopyResults>;

export interface ImageCopy {
  readonly id: string;
  readonly target: string;
  readonly region: string;
  readonly imageId: string;
  readonly imageName: string;
  /** `partial`: some regions have it and some failed; asked again, those are tried again. */
  readonly status: 'in_progress' | 'completed' | 'partial' | 'failed';
  readonly regions: readonly CopiedRegion[];
  readonly error?: string;
  readonly createdAt: string;
  readonly endedAt?: string;
}

export interface CopiedRegion {
  readonly region: string;
  readonly status: 'in_progress' | 'completed' | 'present' | 'failed';
  readonly imageId?: string;
  readonly error?: string;
  readonly copyMs?: number;
}
