/** Which node takes a launch, and how many machines fit: memory is promised before anything is made. */
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { NodeFacts } from '../../node/contract.ts';
import type { Architecture, Firmware, NodeId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { findInstanceType, type InstanceType } from './instance-types.ts';
import type { InstanceRow } from './record.ts';

/** A node keeps this much of its disk free, so that running machines can still write. */
const diskFloorBytes = 2 * 1024 ** 3;

/** The facts of nodes that can run the architecture; read before the transaction, as they come over the bus. */
export async function nodesFor(
  cloud: Cloud,
  architecture: Architecture,
  firmware: Firmware,
): Promise<readonly NodeFacts[]> {
  const facts = await Promise.all(cloud.nodes.ids.map((id) => cloud.nodes.get(id).facts()));
  const able = facts.filter((node) =>
    node.architectures.some(
      (offer) => offer.architecture === architecture && offer.firmware.includes(firmware),
    ),
  );
  if (able.length === 0) {
    throw new Ec2Fault(
      'Unsupported',
      `No node of this cloud runs ${architecture} machines that boot by ${firmware}; see 'ingot doctor'`,
    );
  }
  return able;
}

/** The node with the most room, and how many of `count` it holds; fewer than `minCount` is EC2's error. */
export async function place(
  tx: Transaction<Schema>,
  nodes: readonly NodeFacts[],
  type: InstanceType,
  counts: { readonly minCount: number; readonly maxCount: number },
): Promise<{ readonly nodeId: NodeId; readonly count: number }> {
  const rooms = [];
  for (const node of nodes) {
    const promised = await promisedMemoryMiB(tx, node.nodeId);
    const memory = Math.floor((node.memoryForInstancesMiB - promised) / type.memoryMiB);
    rooms.push({ node, promised, count: node.diskFreeBytes > diskFloorBytes ? Math.max(0, memory) : 0 });
  }
  const best = rooms.sort((a, b) => b.count - a.count)[0];
  if (best === undefined || best.count < counts.minCount) throw noRoom(best, type, counts.minCount);
  return { nodeId: best.node.nodeId, count: Math.min(best.count, counts.maxCount) };
}

/** A stopped instance gave its memory back; starting it must find room again on its own node. */
export async function checkRoomToStart(
  tx: Transaction<Schema>,
  nodes: readonly NodeFacts[],
  instance: Pick<InstanceRow, 'instance_type' | 'node_id'>,
): Promise<void> {
  const type = findInstanceType(instance.instance_type);
  const mine = nodes.filter((node) => node.nodeId === instance.node_id);
  if (type !== undefined) await place(tx, mine, type, { minCount: 1, maxCount: 1 });
}

async function promisedMemoryMiB(tx: Transaction<Schema>, nodeId: NodeId): Promise<number> {
  const rows = await tx
    .selectFrom('instances')
    .select('instance_type')
    .where('node_id', '=', nodeId)
    .where('state', 'in', ['pending', 'running', 'stopping', 'shutting-down'])
    .execute();
  return rows.reduce((sum, row) => sum + (findInstanceType(row.instance_type)?.memoryMiB ?? 0), 0);
}

function noRoom(
  best: { readonly node: NodeFacts; readonly promised: number; readonly count: number } | undefined,
  type: InstanceType,
  minCount: number,
): Ec2Fault {
  const room =
    best === undefined
      ? 'there is no node'
      : `${Math.max(0, best.node.memoryForInstancesMiB - best.promised)} MiB of memory and ` +
        `${Math.floor(best.node.diskFreeBytes / 1024 ** 3)} GiB of disk are free`;
  return new Ec2Fault(
    'InsufficientInstanceCapacity',
    `There is no room for ${minCount} × ${type.name} (${type.memoryMiB} MiB each): ${room}. ` +
      'Stop or terminate instances, or choose a smaller type.',
  );
}

/** Whether a machine of this type could ever run on the node, when nothing else does. */
export async function checkFits(cloud: Cloud, nodeId: NodeId, type: InstanceType): Promise<void> {
  const node = await cloud.nodes.get(nodeId).facts();
  if (type.memoryMiB <= node.memoryForInstancesMiB) return;
  throw new Ec2Fault(
    'InsufficientInstanceCapacity',
    `${type.name} has ${type.memoryMiB} MiB; all instances together may use ${node.memoryForInstancesMiB} MiB of its node`,
  );
}
