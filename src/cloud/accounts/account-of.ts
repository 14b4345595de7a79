import { malformedUserId } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { AccountId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';

/** Aliases that EC2 knows and that own nothing in this cloud. */
const emptyAliases = ['aws-marketplace', 'aws-backup-vault'];

/** The account that `self`, an alias or 12 digits stand for, in Owners, OwnerIds and the like. */
export function accountOf(cloud: Cloud, caller: Caller, owner: string): AccountId {
  if (owner === 'self') return caller.accountId;
  if (owner === 'amazon') return cloud.config.baseAccountId;
  if (/^\d{12}$/.test(owner) || emptyAliases.includes(owner)) return owner as AccountId;
  throw malformedUserId(owner);
}
