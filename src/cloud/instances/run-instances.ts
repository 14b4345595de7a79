/** RunInstances, second half: the rows of the launch, all or none, and then its machines. */
import type { Reservation, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { Caller } from '../../ec2/types.ts';
import type { NodeFacts } from '../../node/contract.ts';
import { newId } from '../../platform/ids.ts';
import { keepToken, tokenResult } from '../client-token.ts';
import type { Cloud } from '../cloud.ts';
import { withLaunchTemplate } from '../launch-templates/with-launch-template.ts';
import { checkGroups } from '../network/launch-network.ts';
import { freeAddresses } from '../network/private-address.ts';
import type { Schema } from '../schema.ts';
import { insertTags } from '../tags/tag-specifications.ts';
import { nodesFor, place } from './capacity.ts';
import { describeReservation } from './describe-reservation.ts';
import { instanceRow, type Placing } from './instance-row.ts';
import { interfaceId } from './interface-id.ts';
import { type LaunchRequest, launchRequest } from './launch-request.ts';
import { type LaunchVolume, launchVolumes } from './launch-volumes.ts';

export async function runInstances(
  cloud: Cloud,
  input: RunInstancesRequest,
  caller: Caller,
): Promise<Reservation> {
  const { ClientToken: token, DryRun: _, ...parameters } = input;
  const use = { action: 'RunInstances', token, parameters };
  const earlier = await tokenResult(cloud.db.read, caller, use);
  if (earlier !== undefined) return await describeReservation(cloud, caller, earlier);

  const { request: merged, template } = await withLaunchTemplate(cloud, input, caller);
  const request = await launchRequest(cloud, merged, caller);
  const { image } = request;
  const nodes = await nodesFor(cloud, image.architecture, image.firmware);
  await launchVolumes(cloud.db.read, caller, image, request.devices);
  endDryRun(input);

  const reservationId = newId('r');
  const made = await cloud.db.write(async (tx) => {
    const earlierNow = await tokenResult(tx, caller, use);
    if (earlierNow !== undefined) return earlierNow;
    await checkGroups(tx, request.network.groupIds);
    const volumes = await launchVolumes(tx, caller, image, request.devices);
    const { nodeId, count } = await place(tx, holding(nodes, volumes), request.type, request);
    const { subnet, privateAddress } = request.network;
    const addresses = await freeAddresses(tx, subnet, count, privateAddress);
    for (const [launchIndex, address] of addresses.entries()) {
      const placing = { nodeId, reservationId, launchIndex, address, token, template };
      await insertInstance(tx, cloud, caller, request, volumes, placing);
    }
    await tx
      .updateTable('images')
      .set({ last_launched_at: cloud.now().toISOString() })
      .where('image_id', '=', image.image_id)
      .execute();
    await keepToken(tx, caller, use, reservationId, cloud.now());
    return reservationId;
  });
  cloud.wake();
  return await describeReservation(cloud, caller, made);
}

/** Layers do not move between nodes: a launch goes where its snapshots are. */
function holding(nodes: readonly NodeFacts[], volumes: readonly LaunchVolume[]): readonly NodeFacts[] {
  const wanted = new Set(volumes.map((volume) => volume.nodeId).filter((nodeId) => nodeId !== undefined));
  return nodes.filter((node) => [...wanted].every((nodeId) => nodeId === node.nodeId));
}

async function insertInstance(
  tx: Transaction<Schema>,
  cloud: Cloud,
  caller: Caller,
  request: LaunchRequest,
  volumes: readonly LaunchVolume[],
  placing: Placing,
): Promise<void> {
  const instanceId = newId('i');
  const owned = { region: caller.region, ownerId: caller.accountId };
  const tag = async (id: string, type: string) =>
    await insertTags(tx, { id, type, ...owned }, request.tags.get(type) ?? []);
  await tx
    .insertInto('instances')
    .values(instanceRow(cloud, caller, request, placing, instanceId))
    .execute();
  await tag(instanceId, 'instance');
  await tag(interfaceId(instanceId), 'network-interface');
  const now = cloud.now().toISOString();
  for (const { columns } of volumes) {
    const volumeId = newId('vol');
    await tx
      .insertInto('volumes')
      .values({
        ...columns,
        volume_id: volumeId,
        region: caller.region,
        zone: request.network.subnet.zone,
        owner_id: caller.accountId,
        state: 'in-use',
        created_at: now,
        node_id: placing.nodeId,
        layer_id: newId('layer'),
        instance_id: instanceId,
        attachment_state: 'attaching',
        attached_at: now,
      })
      .execute();
    await tag(volumeId, 'volume');
  }
}
