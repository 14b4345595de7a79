/** TagSpecifications of a creating call: checked once, then written with the resource in one transaction. */
import type { Tag, TagSpecification } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { AccountId } from '../../platform/ids.ts';
import type { Schema } from '../schema.ts';

export interface CheckedTag {
  readonly Key: string;
  readonly Value: string;
}

export type RequestedTags = ReadonlyMap<string, readonly CheckedTag[]>;

export const maxTags = 50;

/** By resource type. `allowed` are the types that the call can tag; another one fails the request. */
export function requestedTags(
  specifications: readonly TagSpecification[] | undefined,
  allowed: readonly string[],
): RequestedTags {
  const tags = new Map<string, CheckedTag[]>();
  for (const specification of specifications ?? []) {
    const type = specification.ResourceType;
    if (type === undefined) {
      throw new Ec2Fault('InvalidParameterValue', 'Tag specification resource type must have a value');
    }
    if (!allowed.includes(type)) {
      throw new Ec2Fault(
        'InvalidParameterValue',
        `'${type}' is not a valid taggable resource type for this operation. Allowed: ${allowed.join(', ')}.`,
      );
    }
    if (tags.has(type)) {
      throw new Ec2Fault(
        'InvalidParameterValue',
        `Tag specification must not repeat the resource type '${type}'.`,
      );
    }
    tags.set(type, checkedTags(specification.Tags ?? []));
  }
  return tags;
}

/** EC2's rules for tags: at most 50, keys 1 to 128 and values to 256 characters, no repeats, none of aws:. */
export function checkedTags(tags: readonly Tag[]): CheckedTag[] {
  const checked = tags.map(({ Key: key, Value: value }) => {
    if (key === undefined || key === '')
      throw new Ec2Fault('InvalidParameterValue', 'Tag keys must not be empty');
    if (key.startsWith('aws:')) {
      throw new Ec2Fault(
        'InvalidParameterValue',
        `Tag keys starting with 'aws:' are reserved for internal use`,
      );
    }
    if (key.length > 128) {
      throw new Ec2Fault(
        'InvalidParameterValue',
        `Tag key exceeds the maximum length of 128 characters: '${key}'`,
      );
    }
    if ((value ?? '').length > 256) {
      throw new Ec2Fault(
        'InvalidParameterValue',
        `Tag value exceeds the maximum length of 256 characters: '${value}'`,
      );
    }
    return { Key: key, Value: value ?? '' };
  });
  const repeated = checked.find((tag, index) => checked.findIndex((other) => other.Key === tag.Key) < index);
  if (repeated !== undefined) {
    throw new Ec2Fault('InvalidParameterValue', `Duplicate tag key '${repeated.Key}' specified.`);
  }
  if (checked.length > maxTags) {
    throw new Ec2Fault('TagLimitExceeded', `More than ${maxTags} tags were given for one resource.`);
  }
  return checked;
}

/** Writes the tags of a new resource. */
export async function insertTags(
  tx: Transaction<Schema>,
  resource: {
    readonly id: string;
    readonly type: string;
    readonly region: string;
    readonly ownerId: AccountId;
  },
  tags: readonly CheckedTag[],
): Promise<void> {
  if (tags.length === 0) return;
  await tx
    .insertInto('tags')
    .values(
      tags.map((tag) => ({
        resource_id: resource.id,
        resource_type: resource.type,
        region: resource.region,
        owner_id: resource.ownerId,
        key: tag.Key,
        value: tag.Value,
      })),
    )
    .execute();
}
