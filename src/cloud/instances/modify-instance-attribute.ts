/** ModifyInstanceAttribute: what it says is checked and written in one transaction; groups take effect at once. */
import type {
  InstanceBlockDeviceMappingSpecification,
  ModifyInstanceAttributeRequest,
} from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import { missingParameter } from '../../ec2/request-faults.ts';
import { instanceNotIn } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { defaultVpc } from '../network/default-vpc.ts';
import { checkGroups, chooseGroups } from '../network/launch-network.ts';
import { openPortsNow } from '../network/security-groups/open-ports-now.ts';
import type { Schema } from '../schema.ts';
import { type AttributeChange, attributeChange } from './attribute-change.ts';
import { checkFits } from './capacity.ts';
import { updateInstance } from './change-state.ts';
import { checkedInstanceType } from './checked-attributes.ts';
import { findInstance, readInstance } from './find-instance.ts';
import { type InstanceRow, isLive } from './record.ts';

export async function modifyInstanceAttribute(
  cloud: Cloud,
  input: ModifyInstanceAttributeRequest,
  caller: Caller,
): Promise<Record<string, never>> {
  const change = attributeChange(input);
  const instance = await findInstance(cloud, caller, input.InstanceId);
  checkState(instance, change);
  const write = await prepared(cloud, caller, instance, change);
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const row = await readInstance(tx, caller, input.InstanceId);
    checkState(row, change);
    await write(tx, row);
  });
  if (change.kind === 'groups' && instance.state === 'running') {
    await openPortsNow(cloud, [instance.instance_id]);
  }
  return {};
}

function checkState(row: InstanceRow, change: AttributeChange): void {
  if (!isLive(row)) {
    throw new Ec2Fault(
      'IncorrectInstanceState',
      `The instance '${row.instance_id}' is ${row.state}; its attributes cannot be modified any more.`,
    );
  }
  const atRest = change.kind === 'instanceType' || (change.kind === 'columns' && change.stopped);
  if (atRest && row.state !== 'stopped') throw instanceNotIn('stopped', row.instance_id);
}

type Write = (tx: Transaction<Schema>, row: InstanceRow) => Promise<void>;

/** What can be wrong is found here; what is left is to write it. */
async function prepared(
  cloud: Cloud,
  caller: Caller,
  instance: InstanceRow,
  change: AttributeChange,
): Promise<Write> {
  switch (change.kind) {
    case 'columns':
      return (tx, row) => updateInstance(tx, row, change.columns);
    case 'instanceType': {
      const type = checkedInstanceType(change.name, instance.architecture);
      await checkFits(cloud, instance.node_id, type);
      return (tx, row) => updateInstance(tx, row, { instance_type: type.name });
    }
    case 'groups': {
      const vpc = await defaultVpc(cloud, caller);
      const groupIds = await chooseGroups(cloud, vpc, { ids: change.groupIds, names: [] });
      return async (tx, row) => {
        await checkGroups(tx, groupIds);
        await updateInstance(tx, row, {
          security_groups: JSON.stringify(groupIds),
          ports_wanted: row.ports_wanted + 1,
        });
      };
    }
    case 'devices':
      await changeDevices(cloud.db.read, instance, change.devices);
      return async (tx, row) => {
        for (const { volumeId, keep } of await changeDevices(tx, row, change.devices)) {
          await tx
            .updateTable('volumes')
            .set({ delete_on_termination: keep ? 0 : 1 })
            .where('volume_id', '=', volumeId)
            .execute();
        }
      };
    default:
      return change satisfies never;
  }
}

/** Of a device that is there only DeleteOnTermination can be changed. */
async function changeDevices(
  db: Cloud['db']['read'] | Transaction<Schema>,
  { instance_id: instanceId }: InstanceRow,
  devices: readonly InstanceBlockDeviceMappingSpecification[],
) {
  const volumes = await db
    .selectFrom('volumes')
    .select(['volume_id', 'device_name'])
    .where('instance_id', '=', instanceId)
    .execute();
  return devices.flatMap(({ DeviceName: name, Ebs: ebs }) => {
    if (name === undefined) throw missingParameter('BlockDeviceMapping.DeviceName');
    const volume = volumes.find((one) => one.device_name === name);
    const other = ebs?.VolumeId !== undefined && ebs.VolumeId !== volume?.volume_id;
    if (volume === undefined || other) {
      throw new Ec2Fault(
        'InvalidInstanceAttributeValue',
        other ? `The volume at ${name} is not ${ebs.VolumeId}` : `No device is currently mapped at ${name}`,
      );
    }
    const { DeleteOnTermination: wanted } = ebs ?? {};
    return wanted === undefined ? [] : [{ volumeId: volume.volume_id, keep: !wanted }];
  });
}
