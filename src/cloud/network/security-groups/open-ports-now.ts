/**
 * A rule takes effect while the call that wrote it waits: the rows of the machines concerned are marked in the
 * rule's own transaction, then each is driven. A machine that takes longer is left to the reconciler.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Transaction } from 'kysely';
import type { InstanceId } from '../../../platform/ids.ts';
import type { Cloud } from '../../cloud.ts';
import { driveInstance } from '../../instances/drive-instance.ts';
import type { Schema } from '../../schema.ts';

/** A node sets a hundred ports in well under a second; longer than this no client should wait. */
const deadlineMs = 10_000;

/** Marks the machines of a group; those that start now read its rules before or after, so they count too. */
export async function markGroupChanged(tx: Transaction<Schema>, groupId: string): Promise<InstanceId[]> {
  const rows = await tx
    .updateTable('instances')
    .set((e) => ({ ports_wanted: e('ports_wanted', '+', 1) }))
    .where('state', 'in', ['pending', 'running'])
    .where(sql<string>`security_groups`, 'like', `%"${groupId}"%`)
    .returning(['instance_id', 'state'])
    .execute();
  return rows.filter((row) => row.state === 'running').map((row) => row.instance_id);
}

export async function openPortsNow(cloud: Cloud, instanceIds: readonly InstanceId[]): Promise<void> {
  if (instanceIds.length === 0) return;
  const given = new AbortController();
  const late = delay(deadlineMs, undefined, { signal: given.signal, ref: false }).catch(() => undefined);
  const all = Promise.all(instanceIds.map((id) => openPorts(cloud, id, given.signal)));
  await Promise.race([all, late]);
  given.abort();
  cloud.wake();
}

/** A driver that was under way may have read the rules before: then another round follows. */
async function openPorts(cloud: Cloud, instanceId: InstanceId, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await isWanted(cloud, instanceId))) {
    try {
      await cloud.flights.run(instanceId, () => driveInstance(cloud, instanceId));
    } catch (error) {
      cloud.log.warn({ err: error, instanceId }, 'ports could not be set; the reconciler tries again');
      return;
    }
  }
}

async function isWanted(cloud: Cloud, instanceId: InstanceId): Promise<boolean> {
  const row = await cloud.db.read
    .selectFrom('instances')
    .select('instance_id')
    .where('instance_id', '=', instanceId)
    .where('state', '=', 'running')
    .where('captured_by', 'is', null)
    .where('ports_wanted', '>', 0)
    .executeTakeFirst();
  return row !== undefined;
}
