/** What must hold of a cloud that nobody asks for anything: rows and node say the same, and nothing is left over. */
import type { Kysely } from 'kysely';
import type { NodeContract } from '../../node/contract.ts';
import { reachable } from '../layers/sweep-layers.ts';
import type { Schema } from '../schema.ts';
import { eventually, type TestCloud } from './open-test-cloud.ts';
import { vaultFaultsOf } from './vault-faults.ts';

/** Waits until it holds; fails with what is wrong. */
export async function atRest(cloud: TestCloud): Promise<void> {
  await eventually(
    async () => [...(await faultsOf(cloud.cloud.db.read, cloud.node)), ...(await vaultFaultsOf(cloud))],
    (faults) => faults.length === 0,
  );
}

/** What is wrong, in words. */
export async function faultsOf(
  read: Kysely<Schema>,
  node: Pick<NodeContract, 'listMachines' | 'listLayers'>,
): Promise<readonly string[]> {
  const instances = await read.selectFrom('instances').selectAll().execute();
  const volumes = await read.selectFrom('volumes').selectAll().execute();
  const snapshots = await read.selectFrom('snapshots').selectAll().execute();
  const machines = new Map((await node.listMachines()).map((one) => [one.instanceId, one]));
  const layers = await node.listLayers();
  const faults: string[] = [];

  for (const instance of instances) {
    const { instance_id: id, state } = instance;
    const machine = machines.get(id);
    machines.delete(id);
    const mine = volumes.filter((volume) => volume.instance_id === id);
    if (!['running', 'stopped', 'terminated'].includes(state)) faults.push(`${id} is ${state}`);
    if ((machine?.state === 'running') !== (state === 'running')) {
      faults.push(`${id} is ${state}, its machine ${machine?.state ?? 'absent'}`);
    }
    if (state === 'terminated' && machine !== undefined) faults.push(`${id} is terminated and has a machine`);
    if (state === 'running') {
      const has = (machine?.volumes ?? []).map((volume) => `${volume.volumeId} ${volume.layerId}`).sort();
      const said = mine.map((volume) => `${volume.volume_id} ${volume.layer_id}`).sort();
      if (String(has) !== String(said)) faults.push(`${id} has ${has}, its rows say ${said}`);
      if (machine?.publicAddress !== instance.public_address) faults.push(`${id} shows another address`);
    }
    if (state === 'running' && instance.reboot_wanted + instance.ports_wanted > 0) faults.push(`${id} waits`);
    if (instance.captured_by !== null) faults.push(`${id} is held by ${instance.captured_by}`);
    if (state !== 'terminated' && mine.length === 0) faults.push(`${id} has no volumes`);
  }
  for (const id of machines.keys()) faults.push(`the machine ${id} has no row`);

  for (const volume of volumes) {
    const held = volume.instance_id !== null;
    if (volume.state !== (held ? 'in-use' : 'available'))
      faults.push(`${volume.volume_id} is ${volume.state}`);
    if (volume.attachment_state !== (held ? 'attached' : null)) {
      faults.push(`${volume.volume_id} is ${volume.attachment_state}`);
    }
    if (volume.modifying === 1) faults.push(`${volume.volume_id} is modifying`);
    const layer = layers.find((one) => one.layerId === volume.layer_id);
    if (layer?.virtualSizeBytes !== volume.size_gib * 2 ** 30) {
      faults.push(`${volume.volume_id} has ${volume.size_gib} GiB, its layer ${layer?.virtualSizeBytes}`);
    }
  }

  const images = await read.selectFrom('images').selectAll().execute();
  for (const { image_id: id, state } of images) if (state === 'pending') faults.push(`${id} is pending`);
  for (const { snapshot_id: id, state } of snapshots)
    if (state !== 'completed') faults.push(`${id} is ${state}`);

  const roots = new Set([...volumes, ...snapshots].map((row) => row.layer_id));
  const kept = reachable(layers, roots);
  for (const { layerId } of layers) if (!kept.has(layerId)) faults.push(`${layerId} belongs to nobody`);
  return faults;
}
