/** An image: its states, and which call each of them allows. */
import type { Selectable } from 'kysely';
import type { SnapshotId } from '../../platform/ids.ts';
import type { ImageTable } from './table.ts';

export type ImageState = 'pending' | 'available' | 'failed' | 'disabled';
export type ImageRow = Selectable<ImageTable>;

/** One line of an image's block device mapping, as it is stored and as RunInstances applies it. */
export interface StoredBlockDevice {
  readonly deviceName: string;
  readonly ebs?: {
    readonly snapshotId?: SnapshotId;
    readonly sizeGiB: number;
    readonly volumeType: string;
    readonly iops?: number;
    readonly throughput?: number;
    readonly deleteOnTermination: boolean;
  };
  /** 'ephemeral0': a place that the guest finds empty; kept as it was said. */
  readonly virtualName?: string;
}

export function blockDevices(image: Pick<ImageRow, 'block_devices'>): readonly StoredBlockDevice[] {
  return JSON.parse(image.block_devices) as readonly StoredBlockDevice[];
}

const allowed = {
  launch: ['available'],
  copy: ['available'],
  deregister: ['pending', 'available', 'failed', 'disabled'],
  share: ['available', 'pending'],
  disable: ['available', 'disabled'],
  enable: ['disabled', 'available'],
} as const satisfies Record<string, readonly ImageState[]>;

export type ImageAction = keyof typeof allowed;

/** `imageCan(image, 'launch')`: server, CLI and console ask the same table. */
export function imageCan(image: { readonly state: ImageState }, action: ImageAction): boolean {
  return (allowed[action] as readonly ImageState[]).includes(image.state);
}
