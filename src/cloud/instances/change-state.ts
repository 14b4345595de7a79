/** StartInstances, StopInstances, RebootInstances, TerminateInstances: the row is told, the reconciler does. */
import type {
  InstanceStateChange,
  RebootInstancesRequest,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { checkRoomToStart, nodesFor } from './capacity.ts';
import { findInstances, incorrectInstanceState } from './find-instance.ts';
import {
  type InstanceAction,
  type InstanceRow,
  type InstanceState,
  instanceCan,
  stateCodes,
} from './record.ts';

export async function startInstances(
  cloud: Cloud,
  input: StartInstancesRequest,
  caller: Caller,
): Promise<StartInstancesResult> {
  const instances = await findInstances(cloud, caller, input.InstanceIds ?? []);
  checkAll(instances, 'start', 'is not in a state from which it can be started.');
  const nodes = (
    await Promise.all(
      [...new Set(instances.map((row) => row.architecture))].map((arch) => nodesFor(cloud, arch)),
    )
  ).flat();
  endDryRun(input);
  const changes = await change(cloud, instances, async (tx, row) => {
    if (row.state !== 'stopped') return row.state;
    await checkRoomToStart(tx, nodes, row);
    await tx
      .updateTable('instances')
      .set({
        state: 'pending',
        launched_at: cloud.now().toISOString(),
        state_reason_code: null,
        state_reason_message: null,
        transition_reason: '',
      })
      .where('instance_id', '=', row.instance_id)
      .execute();
    return 'pending';
  });
  return { StartingInstances: changes };
}

export async function stopInstances(
  cloud: Cloud,
  input: StopInstancesRequest,
  caller: Caller,
): Promise<StopInstancesResult> {
  const instances = await findInstances(cloud, caller, input.InstanceIds ?? []);
  if (input.Hibernate === true) {
    throw new Ec2Fault('UnsupportedHibernationConfiguration', 'Hibernation is not offered by this cloud');
  }
  checkAll(instances, 'stop', 'is not in a state from which it can be stopped.');
  checkUnprotected(instances, 'stop_protected', 'disableApiStop', 'stopped');
  endDryRun(input);
  const changes = await change(cloud, instances, async (tx, row) => {
    if (row.state === 'stopped') return 'stopped';
    await tx
      .updateTable('instances')
      .set({
        state: 'stopping',
        force_stop: input.Force === true ? 1 : 0,
        reboot_wanted: 0,
        ...userInitiated(cloud, 'Client.UserInitiatedShutdown', 'User initiated shutdown'),
      })
      .where('instance_id', '=', row.instance_id)
      .execute();
    return 'stopping';
  });
  return { StoppingInstances: changes };
}

export async function rebootInstances(
  cloud: Cloud,
  input: RebootInstancesRequest,
  caller: Caller,
): Promise<Record<string, never>> {
  const instances = await findInstances(cloud, caller, input.InstanceIds ?? []);
  checkAll(instances, 'reboot', 'is not in a state from which it can be rebooted.');
  endDryRun(input);
  await change(cloud, instances, async (tx, row) => {
    await tx
      .updateTable('instances')
      .set({ reboot_wanted: 1 })
      .where('instance_id', '=', row.instance_id)
      .execute();
    return row.state;
  });
  return {};
}

export async function terminateInstances(
  cloud: Cloud,
  input: TerminateInstancesRequest,
  caller: Caller,
): Promise<TerminateInstancesResult> {
  const instances = await findInstances(cloud, caller, input.InstanceIds ?? []);
  checkUnprotected(instances, 'termination_protected', 'disableApiTermination', 'terminated');
  endDryRun(input);
  const changes = await change(cloud, instances, async (tx, row) => {
    if (row.state === 'terminated' || row.state === 'shutting-down') return row.state;
    await tx
      .updateTable('instances')
      .set({
        state: 'shutting-down',
        ...userInitiated(cloud, 'Client.UserInitiatedShutdown', 'User initiated shutdown'),
      })
      .where('instance_id', '=', row.instance_id)
      .execute();
    return 'shutting-down';
  });
  return { TerminatingInstances: changes };
}

type Transaction = Parameters<Parameters<Cloud['db']['write']>[0]>[0];

/** All change or none; each is read again inside, because it may have moved since it was checked. */
async function change(
  cloud: Cloud,
  instances: readonly InstanceRow[],
  one: (tx: Transaction, row: InstanceRow) => Promise<InstanceState>,
): Promise<InstanceStateChange[]> {
  const changes = await cloud.db.write(async (tx) => {
    const made: InstanceStateChange[] = [];
    for (const { instance_id: instanceId } of instances) {
      const row = await tx
        .selectFrom('instances')
        .selectAll()
        .where('instance_id', '=', instanceId)
        .executeTakeFirstOrThrow();
      const state = await one(tx, row);
      made.push({
        InstanceId: instanceId,
        CurrentState: { Code: stateCodes[state], Name: state },
        PreviousState: { Code: stateCodes[row.state], Name: row.state },
      });
    }
    return made;
  });
  cloud.wake();
  return changes;
}

function checkAll(instances: readonly InstanceRow[], action: InstanceAction, words: string): void {
  const wrong = instances.find((row) => !instanceCan(row, action));
  if (wrong !== undefined) throw incorrectInstanceState(wrong, words);
}

function checkUnprotected(
  instances: readonly InstanceRow[],
  column: 'termination_protected' | 'stop_protected',
  attribute: string,
  verb: string,
): void {
  const kept = instances.find((row) => row[column] === 1);
  if (kept === undefined) return;
  throw new Ec2Fault(
    'OperationNotPermitted',
    `The instance '${kept.instance_id}' may not be ${verb}. Modify its '${attribute}' instance attribute and try again.`,
  );
}

function userInitiated(cloud: Cloud, code: string, words: string) {
  const at = cloud.now().toISOString().slice(0, 19).replace('T', ' ');
  return {
    state_reason_code: code,
    state_reason_message: `${code}: ${words}`,
    transition_reason: `User initiated (${at} GMT)`,
  };
}
