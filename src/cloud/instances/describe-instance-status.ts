/**
 * DescribeInstanceStatus. The system is ok while the machine runs. The instance is ok once its guest agent
 * answers; a guest without an agent cannot tell, so it is initializing for two minutes, about what EC2's own
 * first check takes, and then ok as long as its machine runs.
 */
import type {
  DescribeInstanceStatusRequest,
  DescribeInstanceStatusResult,
  InstanceStatus,
  InstanceStatusSummary,
} from '@aws-sdk/client-ec2';
import type { FilterTable } from '../../ec2/filters/filters.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { MachineStatus } from '../../node/contract.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { zoneId } from '../regions/zones.ts';
import { type InstanceRow, stateCodes } from './record.ts';

const silentGuestStartsWithinMs = 120_000;

const columns = {
  'availability-zone': 'instances.zone',
  'instance-state-name': 'instances.state',
} as const;

const filters: FilterTable<InstanceStatus> = {
  'attached-ebs-status.status': (shown) => shown.AttachedEbsStatus?.Status,
  'availability-zone-id': (shown) => shown.AvailabilityZoneId,
  'event.code': () => [],
  'event.description': () => [],
  'event.instance-event-id': () => [],
  'event.not-after': () => [],
  'event.not-before': () => [],
  'event.not-before-deadline': () => [],
  'instance-state-code': (shown) => shown.InstanceState?.Code,
  'instance-status.reachability': (shown) => shown.InstanceStatus?.Details?.[0]?.Status,
  'instance-status.status': (shown) => shown.InstanceStatus?.Status,
  'system-status.reachability': (shown) => shown.SystemStatus?.Details?.[0]?.Status,
  'system-status.status': (shown) => shown.SystemStatus?.Status,
};

/** Running instances only, unless the call includes all. */
export async function describeInstanceStatus(
  cloud: Cloud,
  input: DescribeInstanceStatusRequest,
  caller: Caller,
): Promise<DescribeInstanceStatusResult> {
  const { InstanceIds: ids = [], IncludeAllInstances: all = false } = input;
  refusePageOfIds(input, ids, 'instanceIds');
  const owned = cloud.db.read
    .selectFrom('instances')
    .selectAll()
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId);
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeInstanceStatus' },
    // One that is named must be there, whatever its state; such a call has no pages.
    rows: all || ids.length > 0 ? owned : owned.where('state', '=', 'running'),
    ids: { resource: 'instance', values: ids },
    key: 'instances.instance_id',
    keyOf: (row) => row.instance_id,
    columns,
    filters,
    show: (rows) => toStatuses(cloud, rows),
  });
  const shown = items.filter((item) => all || item.InstanceState?.Name === 'running');
  return { InstanceStatuses: shown, ...(NextToken === undefined ? {} : { NextToken }) };
}

async function toStatuses(cloud: Cloud, rows: readonly InstanceRow[]): Promise<readonly InstanceStatus[]> {
  const nodeIds = [...new Set(rows.map((row) => row.node_id))];
  const machines = await Promise.all(nodeIds.map((nodeId) => cloud.nodes.get(nodeId).listMachines()));
  const known = new Map(machines.flat().map((machine) => [machine.instanceId, machine]));
  return rows.map((row) => toStatus(cloud, row, known.get(row.instance_id)));
}

function toStatus(cloud: Cloud, row: InstanceRow, machine: MachineStatus | undefined): InstanceStatus {
  const running = row.state === 'running' && machine?.state === 'running';
  const sinceMs = cloud.now().getTime() - new Date(row.launched_at).getTime();
  const reached = machine?.agent === 'answering' || sinceMs > silentGuestStartsWithinMs;
  return {
    InstanceId: row.instance_id,
    AvailabilityZone: row.zone,
    AvailabilityZoneId: zoneId(cloud, row.region, row.zone),
    InstanceState: { Code: stateCodes[row.state], Name: row.state },
    SystemStatus: running ? passed : notApplicable,
    InstanceStatus: running ? (reached ? passed : initializing) : notApplicable,
    AttachedEbsStatus: running
      ? { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] }
      : { Status: 'not-applicable' },
    Events: [],
  };
}

const passed: InstanceStatusSummary = {
  Status: 'ok',
  Details: [{ Name: 'reachability', Status: 'passed' }],
};
const initializing: InstanceStatusSummary = {
  Status: 'initializing',
  Details: [{ Name: 'reachability', Status: 'initializing' }],
};
const notApplicable: InstanceStatusSummary = { Status: 'not-applicable' };
