/**
 * The reconciling pass over snapshots written block by block: what was asked to be complete is completed, what has
 * been silent for too long ends in error, and what no row knows is removed from its node.
 */
import type { CompletedBlockWrite } from '../../node/block-contract.ts';
import type { LayerId, NodeId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { drive, type Pass } from '../reconcile.ts';
import type { SnapshotRow } from '../snapshots/record.ts';
import { wantStored } from '../vault/want-stored.ts';
import type { BlockWriteRow } from './find-snapshot.ts';

const everyMs = 30_000;

type Pending = SnapshotRow & BlockWriteRow;

export type FinishedBlockWrite =
  | { readonly state: 'completed' | 'pending' | 'gone' }
  | Extract<CompletedBlockWrite, { readonly state: 'mismatch' }>;

export function finishingBlockWrites(): Pass {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    name: 'snapshots written block by block',
    async run(cloud) {
      for (const { snapshot_id: id } of (await pendingWrites(cloud)).filter(isToComplete)) {
        drive(cloud, `block-write-pass:${id}`, async () => {
          await finishBlockWrite(cloud, id);
        });
      }
      if (performance.now() - lookedAt < everyMs) return;
      lookedAt = performance.now();
      for (const nodeId of cloud.nodes.ids) await lookAfter(cloud, nodeId);
    },
  };
}

const isToComplete = (row: Pending) => row.changed_blocks !== null;

export async function finishBlockWrite(cloud: Cloud, snapshotId: SnapshotId): Promise<FinishedBlockWrite> {
  return await cloud.flights.run(`block-write:${snapshotId}`, async () => {
    const [row] = await pendingWrites(cloud, snapshotId);
    if (row === undefined) return { state: await stateOf(cloud, snapshotId) };
    const result = await cloud.nodes.get(row.node_id).completeBlockWrite({
      layerId: row.layer_id,
      blocks: row.changed_blocks ?? 0,
      ...(row.checksum === null ? {} : { checksum: row.checksum }),
    });
    if (result.state === 'mismatch') {
      const open = { changed_blocks: null, checksum: null };
      await cloud.db.write((tx) =>
        tx.updateTable('block_writes').set(open).where('snapshot_id', '=', snapshotId).execute(),
      );
      return result;
    }
    await complete(cloud, row);
    cloud.wake();
    return { state: await stateOf(cloud, snapshotId) };
  });
}

/** Or it waits for the vault, where the configuration asks for that. */
async function complete(cloud: Cloud, row: Pending): Promise<void> {
  await cloud.db.write(async (tx) => {
    const pending = await tx
      .selectFrom('snapshots')
      .select('snapshot_id')
      .where('snapshot_id', '=', row.snapshot_id)
      .where('state', '=', 'pending')
      .executeTakeFirst();
    if (pending === undefined) return;
    if (cloud.config.durability === 'vault') return await wantStored(tx, row);
    await tx
      .updateTable('snapshots')
      .set({ state: 'completed', progress: 100, completed_at: cloud.now().toISOString() })
      .where('snapshot_id', '=', row.snapshot_id)
      .execute();
  });
}

async function stateOf(cloud: Cloud, snapshotId: SnapshotId): Promise<'completed' | 'pending' | 'gone'> {
  const row = await cloud.db.read
    .selectFrom('snapshots')
    .select('state')
    .where('snapshot_id', '=', snapshotId)
    .executeTakeFirst();
  return row === undefined || row.state === 'error' ? 'gone' : row.state;
}

/** Not those that wait for the vault: their layer is made. */
async function pendingWrites(cloud: Cloud, snapshotId?: SnapshotId): Promise<readonly Pending[]> {
  let query = cloud.db.read
    .selectFrom('block_writes')
    .innerJoin('snapshots', 'snapshots.snapshot_id', 'block_writes.snapshot_id')
    .selectAll('snapshots')
    .selectAll('block_writes')
    .where('snapshots.state', '=', 'pending')
    .where('snapshots.snapshot_id', 'not in', (eb) =>
      eb.selectFrom('stored_snapshots').select('snapshot_id'),
    );
  if (snapshotId !== undefined) query = query.where('snapshots.snapshot_id', '=', snapshotId);
  return await query.execute();
}

/** Listed before the rows are read: a row is there before the node is asked, so what no row names is nobody's. */
async function lookAfter(cloud: Cloud, nodeId: NodeId): Promise<void> {
  const node = cloud.nodes.get(nodeId);
  const underWay = new Map((await node.listBlockWrites()).map((write) => [write.layerId, write]));
  const rows = (await pendingWrites(cloud)).filter((row) => row.node_id === nodeId);
  const wanted = new Set<LayerId>(rows.map((row) => row.layer_id));
  for (const layerId of underWay.keys()) if (!wanted.has(layerId)) await node.abandonBlockWrite({ layerId });
  for (const row of rows.filter((each) => !isToComplete(each))) {
    const lastWrittenAt = underWay.get(row.layer_id)?.lastWrittenAt ?? row.started_at;
    const silentMs = cloud.now().getTime() - Date.parse(lastWrittenAt);
    if (silentMs > row.timeout_minutes * 60_000) await endInError(cloud, row);
  }
}

async function endInError(cloud: Cloud, row: Pending): Promise<void> {
  await cloud.db.write((tx) =>
    tx
      .updateTable('snapshots')
      .set({
        state: 'error',
        state_message: `No block was written for ${row.timeout_minutes} minutes, and it was not completed`,
      })
      .where('snapshot_id', '=', row.snapshot_id)
      .where('state', '=', 'pending')
      .execute(),
  );
  await cloud.nodes.get(row.node_id).abandonBlockWrite({ layerId: row.layer_id });
}
