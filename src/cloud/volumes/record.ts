/** A volume and its attachment: states, and which call each of them allows. */
import type { Selectable } from 'kysely';
import type { VolumeTable } from './table.ts';

export type VolumeState = 'creating' | 'available' | 'in-use' | 'deleting' | 'error';
export type AttachmentState = 'attaching' | 'attached' | 'detaching' | 'busy';
export type VolumeRow = Selectable<VolumeTable>;

export interface StoredModification {
  readonly state: 'modifying' | 'completed' | 'failed';
  readonly statusMessage?: string;
  readonly originalSizeGiB: number;
  readonly targetSizeGiB: number;
  readonly originalType: string;
  readonly targetType: string;
  readonly originalIops: number | null;
  readonly targetIops: number | null;
  readonly originalThroughput: number | null;
  readonly targetThroughput: number | null;
  readonly startedAt: string;
  readonly endedAt?: string;
}

export function modificationOf(volume: Pick<VolumeRow, 'modification'>): StoredModification | undefined {
  return volume.modification === null ? undefined : (JSON.parse(volume.modification) as StoredModification);
}

const allowed = {
  attach: ['available'],
  detach: ['in-use'],
  snapshot: ['available', 'in-use'],
  modify: ['available', 'in-use'],
  delete: ['available', 'error'],
} as const satisfies Record<string, readonly VolumeState[]>;

export function volumeCan(volume: { readonly state: VolumeState }, action: keyof typeof allowed): boolean {
  return (allowed[action] as readonly VolumeState[]).includes(volume.state);
}
