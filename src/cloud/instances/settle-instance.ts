/** What a driver writes when a machine has got where its row wanted it. */
import type { Transaction } from 'kysely';
import type { MachineStatus, NodeError, NodeErrorKind } from '../../node/contract.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { settleVolumesAtRest } from '../volumes/settle-at-rest.ts';
import type { InstanceRow, InstanceState } from './record.ts';

/** Moves on only from the state that was read: a request that came meanwhile has the last word. */
export async function settle(
  cloud: Cloud,
  instance: InstanceRow,
  state: InstanceState,
  columns: Partial<InstanceRow>,
  also: (tx: Transaction<Schema>) => Promise<void> = async () => undefined,
): Promise<void> {
  await cloud.db.write(async (tx) => {
    const moved = await tx
      .updateTable('instances')
      .set({ ...columns, state })
      .where('instance_id', '=', instance.instance_id)
      .where('state', '=', instance.state)
      .where('captured_by', 'is', null)
      .executeTakeFirst();
    if (moved.numUpdatedRows > 0n) await also(tx);
  });
}

/** To 'stopped': its volumes come to rest with it. */
export async function settleStopped(
  cloud: Cloud,
  instance: InstanceRow,
  columns: Partial<InstanceRow>,
): Promise<void> {
  const atRest = { public_address: null, ports_detail: null, force_stop: 0, reboot_wanted: 0, ...columns };
  await settle(cloud, instance, 'stopped', atRest, (tx) => settleVolumesAtRest(tx, instance.instance_id));
}

export function runningColumns(status: MachineStatus): Partial<InstanceRow> {
  const { mappedPorts = [], closedPorts = [] } = status;
  const plain = mappedPorts.length + closedPorts.length === 0;
  return {
    public_address: status.publicAddress ?? null,
    ports_detail: plain ? null : JSON.stringify({ mappedPorts, closedPorts }),
  };
}

const reasonCodes: Partial<Record<NodeErrorKind, string>> = {
  'no-capacity': 'Server.InsufficientInstanceCapacity',
  'disk-full': 'Client.VolumeLimitExceeded',
};

/** EC2's StateReason for what the node could not do. */
export function byNodeError(error: NodeError): Partial<InstanceRow> {
  const code = reasonCodes[error.kind] ?? 'Server.InternalError';
  return {
    state_reason_code: code,
    state_reason_message: `${code}: ${error.message}`,
    transition_reason: code,
  };
}
