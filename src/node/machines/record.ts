import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../platform/files.ts';
import type { InstanceId } from '../../platform/ids.ts';
import type { MachineSpec, MachineStatus, SnapshotRequest, SnapshotResult, VolumeSpec } from '../contract.ts';
import { isMissing } from '../is-missing.ts';

/** `instances/<id>/vm.json`: all that the node must know after the server's death. */
export const recordVersion = 1;

export interface MachineRecord {
  readonly version: typeof recordVersion;
  readonly instanceId: InstanceId;
  /** 'starting' is written before QEMU is, so that one whose server died meanwhile is found. */
  readonly state: 'starting' | 'running' | 'stopped';
  readonly architecture: MachineSpec['architecture'];
  readonly firmware: MachineSpec['firmware'];
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly volumes: readonly VolumeSpec[];
  readonly network: MachineSpec['network'];
  readonly publicAddress?: string | undefined;
  readonly stopReason?: MachineStatus['stopReason'] | undefined;
  readonly stopDetail?: string | undefined;
  /** Written before the snapshot's transaction: after a crash it tells what to look for. */
  readonly pendingSnapshot?: PendingSnapshot | undefined;
  /** The answer to the last snapshot, until it stands in `snapshots/` as well. */
  readonly lastSnapshot?: TakenSnapshot | undefined;
  /** The guest's file systems may be frozen: thaw them before anything else. */
  readonly thawOwed?: boolean | undefined;
}

export interface PendingSnapshot {
  readonly volumes: SnapshotRequest['volumes'];
  readonly askedAt: string;
}

export interface TakenSnapshot {
  readonly volumes: SnapshotRequest['volumes'];
  readonly result: SnapshotResult;
}

const fileName = 'vm.json';

export async function readRecord(directory: string): Promise<MachineRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(join(directory, fileName), 'utf8')) as MachineRecord;
    if (record.version === recordVersion) return record;
    throw new Error(
      `${join(directory, fileName)} has version ${record.version}; this Ingot reads ${recordVersion}`,
    );
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export async function writeRecord(directory: string, record: MachineRecord): Promise<void> {
  await writeDurably(join(directory, fileName), JSON.stringify(record, null, 1));
}
