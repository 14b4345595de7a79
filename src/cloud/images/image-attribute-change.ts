/**
 * What a ModifyImageAttribute call asks for. Clients say it in two forms: a structure named for the attribute
 * (LaunchPermission, Description, ImdsSupport), or Attribute with Value, or with OperationType and lists.
 * One attribute a call. Packer sends the lists beside the structure: then the structure says it all.
 */
import type { LaunchPermission, ModifyImageAttributeRequest } from '@aws-sdk/client-ec2';
import { invalidCombination, invalidValue, missingParameter, unsupported } from '../../ec2/request-faults.ts';
import { checkedDescription } from './image-name.ts';
import { type PermissionChange, permissionChange } from './launch-permissions.ts';

export type ImageAttributeChange =
  | { readonly attribute: 'description'; readonly description: string | null }
  | { readonly attribute: 'imdsSupport' }
  | { readonly attribute: 'launchPermission'; readonly changes: readonly PermissionChange[] };

export function requestedChange(input: ModifyImageAttributeRequest): ImageAttributeChange {
  const attribute = oneAttribute(input);
  switch (attribute) {
    case 'description':
      return {
        attribute,
        description: checkedDescription(
          input.Description === undefined ? input.Value : input.Description.Value,
        ),
      };
    case 'imdsSupport':
      return imdsSupport(input.ImdsSupport === undefined ? input.Value : input.ImdsSupport.Value);
    case 'launchPermission':
      return { attribute, changes: permissionChanges(input) };
    case 'productCodes':
      throw unsupported('This cloud has no marketplace; an image cannot have product codes');
    default:
      throw invalidValue(attribute, 'attribute', 'Allowed: description, imdsSupport, launchPermission.');
  }
}

function oneAttribute(input: ModifyImageAttributeRequest): string {
  const lists = [input.UserIds, input.UserGroups, input.OrganizationArns, input.OrganizationalUnitArns];
  const named = new Set(
    [
      input.Attribute,
      input.Description === undefined ? undefined : 'description',
      input.ImdsSupport === undefined ? undefined : 'imdsSupport',
      input.LaunchPermission === undefined ? undefined : 'launchPermission',
      lists.some((list) => (list ?? []).length > 0) ? 'launchPermission' : undefined,
      (input.ProductCodes ?? []).length > 0 ? 'productCodes' : undefined,
    ].filter((name) => name !== undefined && name !== ''),
  );
  if (named.size > 1) {
    throw invalidCombination(`Fields for multiple attribute types specified: ${[...named].join(', ')}`);
  }
  const [name] = named;
  if (name === undefined) throw invalidCombination('No attributes specified.');
  return name;
}

/** It cannot be taken back (EC2 reference, ModifyImageAttribute). */
function imdsSupport(value: string | undefined): ImageAttributeChange {
  if (value === 'v2.0') return { attribute: 'imdsSupport' };
  throw invalidValue(value ?? '', 'imdsSupport', 'Allowed: v2.0.');
}

function permissionChanges(input: ModifyImageAttributeRequest): readonly PermissionChange[] {
  const { LaunchPermission: structure, OperationType: operation } = input;
  if (structure !== undefined) {
    const { Add: add = [], Remove: remove = [] } = structure;
    if (add.length + remove.length === 0) throw missingParameter('LaunchPermission.Add');
    return [permissionChange('add', add), permissionChange('remove', remove)];
  }
  if (operation === undefined) throw missingParameter('OperationType');
  if (operation !== 'add' && operation !== 'remove') {
    throw invalidValue(operation, 'operationType', 'Allowed: add, remove.');
  }
  const permissions: LaunchPermission[] = [
    ...(input.UserIds ?? []).map((UserId) => ({ UserId })),
    ...(input.UserGroups ?? []).map((Group) => ({ Group: Group as 'all' })),
    ...(input.OrganizationArns ?? []).map((OrganizationArn) => ({ OrganizationArn })),
    ...(input.OrganizationalUnitArns ?? []).map((OrganizationalUnitArn) => ({ OrganizationalUnitArn })),
  ];
  if (permissions.length === 0) throw missingParameter('UserId');
  return [permissionChange(operation, permissions)];
}
