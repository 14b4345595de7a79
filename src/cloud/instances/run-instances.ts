/** RunInstances, second half: the rows of the launch, all or none, and then its machines. */
import { randomBytes } from 'node:crypto';
import type { Reservation, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Insertable, Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { type InstanceId, type LayerId, type NodeId, newId } from '../../platform/ids.ts';
import { keepToken, tokenResult } from '../client-token.ts';
import type { Cloud } from '../cloud.ts';
import { withLaunchTemplate } from '../launch-templates/with-launch-template.ts';
import { freeAddresses } from '../network/private-address.ts';
import type { Schema } from '../schema.ts';
import { insertTags } from '../tags/tag-specifications.ts';
import { nodesFor, place } from './capacity.ts';
import type { LaunchDevice } from './launch-devices.ts';
import { type LaunchRequest, launchRequest } from './launch-request.ts';
import type { InstanceTable } from './table.ts';
import { describeReservation } from './to-instance.ts';

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
  const nodes = await nodesFor(cloud, request.image.architecture);
  endDryRun(input);

  const reservationId = newId('r');
  const made = await cloud.db.write(async (tx) => {
    const earlierNow = await tokenResult(tx, caller, use);
    if (earlierNow !== undefined) return earlierNow;
    const { nodeId, count } = await place(tx, nodes, request.type, request);
    const { subnet, privateAddress } = request.network;
    const addresses = await freeAddresses(tx, subnet, count, privateAddress);
    for (const [launchIndex, address] of addresses.entries()) {
      await insertInstance(tx, cloud, caller, request, {
        nodeId,
        reservationId,
        launchIndex,
        address,
        token,
        template,
      });
    }
    await tx
      .updateTable('images')
      .set({ last_launched_at: cloud.now().toISOString() })
      .where('image_id', '=', request.image.image_id)
      .execute();
    await keepToken(tx, caller, use, reservationId, cloud.now());
    return reservationId;
  });
  cloud.wake();
  return await describeReservation(cloud, caller, made);
}

interface Placing {
  readonly nodeId: NodeId;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly address: string;
  readonly token: string | undefined;
  readonly template: string | undefined;
}

async function insertInstance(
  tx: Transaction<Schema>,
  cloud: Cloud,
  caller: Caller,
  request: LaunchRequest,
  placing: Placing,
): Promise<void> {
  const instanceId = newId('i');
  const owned = { region: caller.region, ownerId: caller.accountId };
  await tx
    .insertInto('instances')
    .values(instanceRow(cloud, caller, request, placing, instanceId))
    .execute();
  await insertTags(tx, { id: instanceId, type: 'instance', ...owned }, request.tags.get('instance') ?? []);
  for (const device of request.devices) {
    const volumeId = newId('vol');
    await tx
      .insertInto('volumes')
      .values({
        volume_id: volumeId,
        region: caller.region,
        zone: request.network.subnet.zone,
        owner_id: caller.accountId,
        ...(await volumeColumns(tx, device)),
        volume_type: device.ebs.volumeType,
        iops: device.ebs.iops ?? (device.ebs.volumeType === 'gp3' ? 3000 : null),
        throughput: device.ebs.throughput ?? (device.ebs.volumeType === 'gp3' ? 125 : null),
        state: 'in-use',
        created_at: cloud.now().toISOString(),
        node_id: placing.nodeId,
        layer_id: newId('layer'),
        instance_id: instanceId,
        device_name: device.deviceName,
        attachment_state: 'attaching',
        attached_at: cloud.now().toISOString(),
        delete_on_termination: device.ebs.deleteOnTermination ? 1 : 0,
        is_root: device.deviceName === request.image.root_device_name ? 1 : 0,
      })
      .execute();
    await insertTags(tx, { id: volumeId, type: 'volume', ...owned }, request.tags.get('volume') ?? []);
  }
}

/** The snapshot is looked up in the transaction that refers to its layer, so it cannot go in between. */
async function volumeColumns(
  tx: Transaction<Schema>,
  device: LaunchDevice,
): Promise<{
  size_gib: number;
  snapshot_id: NonNullable<LaunchDevice['ebs']['snapshotId']> | null;
  parent_layer_id: LayerId | null;
}> {
  const { snapshotId, sizeGiB } = device.ebs;
  if (snapshotId === undefined) return { size_gib: sizeGiB, snapshot_id: null, parent_layer_id: null };
  const snapshot = await tx
    .selectFrom('snapshots')
    .select(['layer_id', 'volume_size_gib', 'state'])
    .where('snapshot_id', '=', snapshotId)
    .executeTakeFirst();
  if (snapshot === undefined || snapshot.state !== 'completed') {
    throw new Ec2Fault(
      'InvalidSnapshot.NotFound',
      `The snapshot '${snapshotId}' of ${device.deviceName} ${snapshot === undefined ? 'does not exist' : `is ${snapshot.state}`}`,
    );
  }
  return {
    size_gib: Math.max(sizeGiB, snapshot.volume_size_gib),
    snapshot_id: snapshotId,
    parent_layer_id: snapshot.layer_id,
  };
}

function instanceRow(
  cloud: Cloud,
  caller: Caller,
  request: LaunchRequest,
  placing: Placing,
  instanceId: InstanceId,
): Insertable<InstanceTable> {
  const { image, network } = request;
  return {
    instance_id: instanceId,
    region: caller.region,
    zone: network.subnet.zone,
    owner_id: caller.accountId,
    reservation_id: placing.reservationId,
    launch_index: placing.launchIndex,
    image_id: image.image_id,
    instance_type: request.type.name,
    architecture: image.architecture,
    firmware: image.firmware,
    boot_mode: image.boot_mode,
    root_device_name: image.root_device_name,
    state: 'pending',
    launched_at: cloud.now().toISOString(),
    key_name: request.key?.name ?? null,
    public_key: request.key?.publicKey ?? null,
    user_data: request.userData ?? null,
    vpc_id: network.subnet.vpc_id,
    subnet_id: network.subnet.subnet_id,
    security_groups: JSON.stringify(network.groupIds),
    private_address: placing.address,
    mac_address: macAddress(),
    public_address: null,
    shutdown_behavior: request.shutdownBehavior,
    termination_protected: request.terminationProtected ? 1 : 0,
    stop_protected: request.stopProtected ? 1 : 0,
    client_token: placing.token ?? null,
    node_id: placing.nodeId,
    launch_template: placing.template ?? null,
  };
}

/** Locally administered, unicast. */
function macAddress(): string {
  return `02:${[...randomBytes(5)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
}
