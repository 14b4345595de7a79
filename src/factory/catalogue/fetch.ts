/** An image made of the disks that a catalogue has: what is asked for, and what comes of it. */
import type { StepContext } from '../../platform/workflows/workflow.ts';
import type { BuiltImage } from '../builds/build.ts';
import type { Manifest } from './format.ts';

/** The manifest was verified, so its digests hold for the whole run. */
export interface FetchInput {
  readonly catalogue: string;
  readonly location: string;
  readonly manifest: Manifest;
  readonly target: string;
  readonly region: string;
  readonly imageName: string;
  readonly createdAt: string;
}

export interface FetchResults {
  files: null;
  snapshots: readonly FetchedDisk[];
  image: BuiltImage;
  register: null;
}

export interface FetchedDisk {
  readonly device: string;
  readonly snapshotId: string;
  readonly sizeGiB: number;
}

export type FetchContext = StepContext<FetchInput, FetchResults>;

export interface Fetch {
  readonly id: string;
  /** `web@v1` */
  readonly entry: string;
  readonly status: 'in_progress' | 'completed' | 'failed';
  readonly imageId?: string;
  readonly error?: string;
}

/** What a fetched version is registered as: a template of the catalogue's, never one's own of the same name. */
export function fetchedTemplate(catalogue: string, template: string): string {
  return `${catalogue}/${template}`;
}
