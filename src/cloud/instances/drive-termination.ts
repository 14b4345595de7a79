/** From 'shutting-down' to 'terminated': the machine goes, and with it the volumes that were to go with it. */
import type { Transaction } from 'kysely';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { deleteTagsOf } from '../tags/delete-tags-of.ts';
import { detached } from '../volumes/detached.ts';
import type { InstanceRow } from './record.ts';

export async function terminate(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  await cloud.nodes.get(instance.node_id).removeMachine({ instanceId: instance.instance_id });
  await cloud.db.write(async (tx) => {
    await releaseVolumes(tx, instance);
    await tx
      .updateTable('instances')
      .set({
        state: 'terminated',
        public_address: null,
        ports_detail: null,
        terminated_at: cloud.now().toISOString(),
      })
      .where('instance_id', '=', instance.instance_id)
      .execute();
  });
  cloud.wake();
  return false;
}

async function releaseVolumes(tx: Transaction<Schema>, instance: InstanceRow): Promise<void> {
  const volumes = await tx
    .selectFrom('volumes')
    .select(['volume_id', 'delete_on_termination', 'layer_made'])
    .where('instance_id', '=', instance.instance_id)
    .execute();
  for (const volume of volumes) {
    if (volume.delete_on_termination === 1) {
      await deleteTagsOf(tx, [volume.volume_id]);
      await tx.deleteFrom('volumes').where('volume_id', '=', volume.volume_id).execute();
    } else {
      // A launch that ended before its disks were made leaves a volume that is still to be made.
      const state = volume.layer_made === 1 ? 'available' : 'creating';
      await tx
        .updateTable('volumes')
        .set({ ...detached, state })
        .where('volume_id', '=', volume.volume_id)
        .execute();
    }
  }
}
