/**
 * ModifyInstanceAttribute says what it changes in one of two forms: Attribute and Value, or the attribute's own
 * member. Both are read to one change; a call makes exactly one, as on EC2.
 */
import type {
  InstanceBlockDeviceMappingSpecification,
  ModifyInstanceAttributeRequest,
} from '@aws-sdk/client-ec2';
import { invalidCombination, invalidValue, missingParameter, unsupported } from '../../ec2/request-faults.ts';
import { checkedShutdownBehavior, checkedUserData, decodedUserData } from './checked-attributes.ts';
import type { InstanceRow } from './record.ts';

export type AttributeChange =
  | { readonly kind: 'columns'; readonly columns: Partial<InstanceRow>; readonly stopped: boolean }
  | { readonly kind: 'instanceType'; readonly name: string }
  | { readonly kind: 'groups'; readonly groupIds: readonly string[] }
  | { readonly kind: 'devices'; readonly devices: readonly InstanceBlockDeviceMappingSpecification[] };

type Input = ModifyInstanceAttributeRequest;

export function attributeChange(input: Input): AttributeChange {
  const changes = [...named(input), ...structured(input)];
  const [change, ...more] = changes;
  if (change === undefined) throw missingParameter('Attribute, or the attribute to modify');
  if (more.length > 0)
    throw invalidCombination('Fields for multiple attribute types specified; one call modifies one');
  return change;
}

function named({ Attribute: attribute, Value: value }: Input): AttributeChange[] {
  const name: string | undefined = attribute;
  // With some members the attribute is only named, and its value stands in the member.
  if (name === undefined || value === undefined) return [];
  switch (name) {
    case 'instanceType':
      return [{ kind: 'instanceType', name: value }];
    case 'userData':
      return [userData(decodedUserData(value))];
    case 'instanceInitiatedShutdownBehavior':
      return [atAnyTime({ shutdown_behavior: checkedShutdownBehavior(value) })];
    case 'sriovNetSupport':
      return [sriov(value)];
    case 'groupSet':
      return [{ kind: 'groups', groupIds: value.split(',') }];
    default:
      return [flagNamed(name, boolean(name, value))];
  }
}

function structured(input: Input): AttributeChange[] {
  const changes: AttributeChange[] = [];
  if (input.InstanceType?.Value !== undefined) {
    changes.push({ kind: 'instanceType', name: input.InstanceType.Value });
  }
  if (input.UserData !== undefined) changes.push(userData(input.UserData.Value));
  if (input.Groups !== undefined && input.Groups.length > 0) {
    changes.push({ kind: 'groups', groupIds: input.Groups });
  }
  if (input.BlockDeviceMappings !== undefined && input.BlockDeviceMappings.length > 0) {
    changes.push({ kind: 'devices', devices: input.BlockDeviceMappings });
  }
  const behavior = input.InstanceInitiatedShutdownBehavior?.Value;
  if (behavior !== undefined)
    changes.push(atAnyTime({ shutdown_behavior: checkedShutdownBehavior(behavior) }));
  if (input.SriovNetSupport?.Value !== undefined) changes.push(sriov(input.SriovNetSupport.Value));
  for (const [name, given] of [
    ['disableApiStop', input.DisableApiStop],
    ['disableApiTermination', input.DisableApiTermination],
    ['ebsOptimized', input.EbsOptimized],
    ['enaSupport', input.EnaSupport],
    ['sourceDestCheck', input.SourceDestCheck],
  ] as const) {
    if (given?.Value !== undefined) changes.push(flagNamed(name, given.Value));
  }
  if (input.Kernel !== undefined) throw unmodifiable('kernel');
  if (input.Ramdisk !== undefined) throw unmodifiable('ramdisk');
  if (input.EnclaveOptions?.Enabled === true) throw unsupported('There are no enclaves here');
  return changes;
}

function flagNamed(name: string, value: boolean): AttributeChange {
  const column = value ? 1 : 0;
  switch (name) {
    case 'disableApiStop':
      return atAnyTime({ stop_protected: column });
    case 'disableApiTermination':
      return atAnyTime({ termination_protected: column });
    case 'sourceDestCheck':
      return atAnyTime({ source_dest_check: column });
    case 'ebsOptimized':
      return whenStopped({ ebs_optimized: column });
    case 'enaSupport':
      return whenStopped({ ena_support: column });
    case 'kernel':
    case 'ramdisk':
      throw unmodifiable(name);
    default:
      throw invalidValue(name, 'attribute', 'It is not an attribute that can be modified.');
  }
}

function unmodifiable(name: 'kernel' | 'ramdisk') {
  return unsupported(`The attribute ${name} cannot be modified: images boot their own kernel`);
}

function userData(bytes: Uint8Array | undefined): AttributeChange {
  const checked = bytes === undefined ? undefined : checkedUserData(bytes);
  return whenStopped({ user_data: checked === undefined || checked.length === 0 ? null : checked });
}

function sriov(value: string): AttributeChange {
  if (value !== 'simple') throw invalidValue(value, 'sriovNetSupport', 'Allowed: simple.');
  return whenStopped({ sriov_net_support: value });
}

function boolean(name: string, value: string): boolean {
  const lower = value.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw invalidValue(value, name, 'Allowed: true, false.');
}

function atAnyTime(columns: Partial<InstanceRow>): AttributeChange {
  return { kind: 'columns', columns, stopped: false };
}

function whenStopped(columns: Partial<InstanceRow>): AttributeChange {
  return { kind: 'columns', columns, stopped: true };
}
