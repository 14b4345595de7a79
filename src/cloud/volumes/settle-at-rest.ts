/** A machine that has come to rest lets go of what was detaching, and has what was attaching. */
import type { Transaction } from 'kysely';
import type { InstanceId } from '../../platform/ids.ts';
import type { Schema } from '../schema.ts';
import { detached } from './detached.ts';

export async function settleVolumesAtRest(tx: Transaction<Schema>, instanceId: InstanceId): Promise<void> {
  await tx
    .updateTable('volumes')
    .set(detached)
    .where('instance_id', '=', instanceId)
    .where('attachment_state', 'in', ['detaching', 'busy'])
    .execute();
  await tx
    .updateTable('volumes')
    .set({ attachment_state: 'attached' })
    .where('instance_id', '=', instanceId)
    .where('attachment_state', '=', 'attaching')
    .execute();
}
