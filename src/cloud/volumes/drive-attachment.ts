/** Plugs a volume into a running machine and unplugs it. A machine at rest needs neither: its rows say it all. */
import { NodeError, type NodeErrorKind } from '../../node/contract.ts';
import type { Cloud } from '../cloud.ts';
import { volumeSpec } from '../instances/machine-spec.ts';
import type { InstanceRow } from '../instances/record.ts';
import { detached } from './detached.ts';
import { instantPending } from './pending-instant.ts';
import type { VolumeRow } from './record.ts';

/** How long a guest that did not let go is left alone before it is asked again. */
const askAgainAfterMs = 60_000;

/** A launch's own volumes are attaching too: they are attached when it starts (drive-instance.ts). */
export async function plugIn(cloud: Cloud, volume: VolumeRow): Promise<boolean> {
  const instance = await runningHolder(cloud, volume);
  if (instance === undefined || (await instantPending(cloud, [volume.volume_id]))) return false;
  try {
    const { instance_id: instanceId } = instance;
    await cloud.nodes.get(instance.node_id).attachVolume({ instanceId, volume: volumeSpec(volume) });
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    if (hasEnded(error.kind)) return false;
    if (!isFinal(error.kind)) throw error;
    cloud.log.warn({ err: error, volumeId: volume.volume_id }, 'a volume could not be attached');
    return await update(cloud, volume, detached);
  }
  return await update(cloud, volume, { attachment_state: 'attached' });
}

/** A guest that does not let go in time leaves the attachment busy, and is asked again later, or by Force. */
export async function unplug(cloud: Cloud, volume: VolumeRow): Promise<boolean> {
  const instance = await runningHolder(cloud, volume);
  if (instance === undefined || (await instantPending(cloud, [volume.volume_id]))) return false;
  const { instance_id: instanceId, node_id: nodeId } = instance;
  const node = cloud.nodes.get(nodeId);
  if (volume.attachment_state === 'busy' && waits(cloud, volume)) {
    const machine = await node.machine({ instanceId });
    const holds = machine.volumes.some(({ volumeId }) => volumeId === volume.volume_id);
    return machine.state === 'running' && !holds ? await letGo(cloud, volume) : false;
  }
  const force = volume.force_detach === 1;
  try {
    await node.detachVolume({ instanceId, volumeId: volume.volume_id, force });
  } catch (error) {
    if (!(error instanceof NodeError) || force) throw error;
    if (hasEnded(error.kind)) return false;
    cloud.log.warn({ err: error, volumeId: volume.volume_id }, 'a guest did not let go of a volume');
    const detach_asked_at = cloud.now().toISOString();
    return await update(cloud, volume, { attachment_state: 'busy', detach_asked_at });
  }
  return await letGo(cloud, volume);
}

function waits(cloud: Cloud, volume: VolumeRow): boolean {
  if (volume.detach_asked_at === null) return false;
  return cloud.now().getTime() - new Date(volume.detach_asked_at).getTime() < askAgainAfterMs;
}

/** Undefined where nothing is to be done: the machine rests, is on its way there, or is down for an image. */
async function runningHolder(cloud: Cloud, volume: VolumeRow): Promise<InstanceRow | undefined> {
  if (volume.instance_id === null) return undefined;
  return await cloud.db.read
    .selectFrom('instances')
    .selectAll()
    .where('instance_id', '=', volume.instance_id)
    .where('state', '=', 'running')
    .where('captured_by', 'is', null)
    .executeTakeFirst();
}

/** The machine has gone or is going; the instance's driver settles its volumes with it. */
function hasEnded(kind: NodeErrorKind): boolean {
  return kind === 'not-running' || kind === 'unknown-machine';
}

/** It would fail again for the same reason. */
function isFinal(kind: NodeErrorKind): boolean {
  return kind === 'unsupported' || kind === 'disk-full' || kind === 'no-capacity';
}

/** A machine that went down for its image meanwhile comes up with the volume again: then it is asked again. */
async function letGo(cloud: Cloud, volume: VolumeRow): Promise<boolean> {
  const changed = await cloud.db.write(async (tx) => {
    const held = await tx
      .selectFrom('instances')
      .select('instance_id')
      .where('instance_id', '=', volume.instance_id)
      .where('captured_by', 'is not', null)
      .executeTakeFirst();
    if (held !== undefined) return 0n;
    const result = await tx
      .updateTable('volumes')
      .set(detached)
      .where('volume_id', '=', volume.volume_id)
      .where('instance_id', '=', volume.instance_id)
      .where('attachment_state', 'in', ['detaching', 'busy'])
      .executeTakeFirst();
    return result.numUpdatedRows;
  });
  return changed > 0n;
}

/** Only from what was read: a request that came meanwhile has the last word, and the next step does it. */
async function update(cloud: Cloud, volume: VolumeRow, columns: Partial<VolumeRow>): Promise<boolean> {
  await cloud.db.write((tx) =>
    tx
      .updateTable('volumes')
      .set(columns)
      .where('volume_id', '=', volume.volume_id)
      .where('instance_id', '=', volume.instance_id)
      .where('attachment_state', '=', volume.attachment_state)
      .where('force_detach', '=', volume.force_detach)
      .execute(),
  );
  return true;
}
