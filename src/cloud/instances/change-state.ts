/** Start, stop, reboot and terminate: the rows are told, all or none, and the reconciler does it. */
import type { InstanceStateChange } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { findInstances, readInstances } from './find-instance.ts';
import { type InstanceRow, type InstanceState, stateCodes } from './record.ts';

interface ChangeRequest {
  readonly InstanceIds?: readonly string[] | undefined;
  readonly DryRun?: boolean | undefined;
}

interface Change {
  /** Throws for an instance that may not be changed. */
  readonly check: (row: InstanceRow) => void;
  /** Writes what is wanted of one instance, and says the state that it is in now. */
  readonly apply: (tx: Transaction<Schema>, row: InstanceRow) => Promise<InstanceState>;
}

/** Checked once for a dry run, and once where the rows cannot move any more. */
export async function changeStates(
  cloud: Cloud,
  input: ChangeRequest,
  caller: Caller,
  { check, apply }: Change,
): Promise<InstanceStateChange[]> {
  const ids = input.InstanceIds ?? [];
  for (const row of await findInstances(cloud, caller, ids)) check(row);
  endDryRun(input);
  const changes = await cloud.db.write(async (tx) => {
    const rows = await readInstances(tx, caller, ids);
    for (const row of rows) check(row);
    const made: InstanceStateChange[] = [];
    for (const row of rows) {
      const state = await apply(tx, row);
      made.push({
        InstanceId: row.instance_id,
        CurrentState: { Code: stateCodes[state], Name: state },
        PreviousState: { Code: stateCodes[row.state], Name: row.state },
      });
    }
    return made;
  });
  cloud.wake();
  return changes;
}

export async function updateInstance(
  tx: Transaction<Schema>,
  row: Pick<InstanceRow, 'instance_id'>,
  columns: Partial<InstanceRow>,
): Promise<void> {
  await tx.updateTable('instances').set(columns).where('instance_id', '=', row.instance_id).execute();
}

/** Why a machine goes down, as EC2 words it when a call asked for it. */
export function byUser(cloud: Cloud) {
  const at = cloud.now().toISOString().slice(0, 19).replace('T', ' ');
  const code = 'Client.UserInitiatedShutdown';
  return {
    state_reason_code: code,
    state_reason_message: `${code}: User initiated shutdown`,
    transition_reason: `User initiated (${at} GMT)`,
  };
}
