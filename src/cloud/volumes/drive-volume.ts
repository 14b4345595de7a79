/** Brings one volume from what its row asks for to where it rests: made, attached, detached, grown or gone. */
import { NodeError } from '../../node/contract.ts';
import type { VolumeId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { deleteTagsOf } from '../tags/delete-tags-of.ts';
import { plugIn, unplug } from './drive-attachment.ts';
import { grow } from './drive-modification.ts';
import { makeLayer } from './make-layers.ts';
import { instantPending } from './pending-instant.ts';
import type { VolumeRow } from './record.ts';

/** Goes on until a step changes nothing. What must wait for something else is woken by it. */
export async function driveVolume(cloud: Cloud, volumeId: VolumeId): Promise<void> {
  for (;;) {
    const volume = await cloud.db.read
      .selectFrom('volumes')
      .selectAll()
      .where('volume_id', '=', volumeId)
      .executeTakeFirst();
    if (volume === undefined || !(await step(cloud, volume))) return;
  }
}

async function step(cloud: Cloud, volume: VolumeRow): Promise<boolean> {
  switch (volume.state) {
    case 'creating':
      return await make(cloud, volume);
    case 'deleting':
      return await remove(cloud, volume);
    case 'available':
    case 'in-use':
      return (await attachment(cloud, volume)) || (volume.modifying === 1 && (await grow(cloud, volume)));
    case 'error':
      return false;
    default:
      return volume.state satisfies never;
  }
}

async function attachment(cloud: Cloud, volume: VolumeRow): Promise<boolean> {
  switch (volume.attachment_state) {
    case 'attaching':
      return await plugIn(cloud, volume);
    case 'detaching':
    case 'busy':
      return await unplug(cloud, volume);
    case 'attached':
    case null:
      return false;
    default:
      return volume.attachment_state satisfies never;
  }
}

/** A volume that the node cannot make ends in EC2's 'error'; the caller deletes it and the reason is logged. */
async function make(cloud: Cloud, volume: VolumeRow): Promise<boolean> {
  let state: 'available' | 'error' = 'available';
  try {
    await makeLayer(cloud, volume);
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    cloud.log.warn({ err: error, volumeId: volume.volume_id }, 'a volume could not be made');
    state = 'error';
  }
  await cloud.db.write((tx) =>
    tx
      .updateTable('volumes')
      .set({ state })
      .where('volume_id', '=', volume.volume_id)
      .where('state', '=', 'creating')
      .execute(),
  );
  return true;
}

/** A snapshot that is being taken of it is finished first; the sweep takes the layer that nobody names any more. */
async function remove(cloud: Cloud, volume: VolumeRow): Promise<boolean> {
  if (await instantPending(cloud, [volume.volume_id])) return false;
  await cloud.db.write(async (tx) => {
    await deleteTagsOf(tx, [volume.volume_id]);
    await tx
      .deleteFrom('volumes')
      .where('volume_id', '=', volume.volume_id)
      .where('state', '=', 'deleting')
      .execute();
  });
  cloud.wake();
  return false;
}
