import { randomBytes } from 'node:crypto';
import type { Insertable } from 'kysely';
import type { Caller } from '../../ec2/types.ts';
import type { InstanceId, NodeId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { LaunchRequest } from './launch-request.ts';
import type { InstanceTable } from './table.ts';

/** What one launch decides for each of its instances. */
export interface Placing {
  readonly nodeId: NodeId;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly address: string;
  readonly token: string | undefined;
  readonly template: string | undefined;
}

/** The row of a new instance. */
export function instanceRow(
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
    ebs_optimized: request.ebsOptimized ? 1 : 0,
    client_token: placing.token ?? null,
    node_id: placing.nodeId,
    launch_template: placing.template ?? null,
  };
}

/** Locally administered, unicast. */
function macAddress(): string {
  return `02:${[...randomBytes(5)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
}
