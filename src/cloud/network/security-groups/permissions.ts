/** The permissions of a request as rules, one for each source; groups are given by id or by name. */
import type { IpPermission, UserIdGroupPair } from '@aws-sdk/client-ec2';
import { Ec2Fault } from '../../../ec2/faults.ts';
import { invalidParameterValue, missingParameter } from '../../../ec2/request-faults.ts';
import type { Caller } from '../../../ec2/types.ts';
import type { Cloud } from '../../cloud.ts';
import { cidrText, readCidr } from '../cidr.ts';
import { findGroup } from './find-group.ts';
import { protocolPorts } from './protocol-ports.ts';
import { type RuleColumns, ruleKey } from './record.ts';

/** Of every call that names permissions; the flat ones are an older way to name one. */
export interface PermissionInput {
  readonly IpPermissions?: IpPermission[] | undefined;
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
  readonly SourceSecurityGroupName?: string | undefined;
  readonly SourceSecurityGroupOwnerId?: string | undefined;
}

const noSource = { cidr_ipv4: null, cidr_ipv6: null, prefix_list_id: null, source_group_id: null } as const;

/** Throws for anything that is no rule, and for a rule that is given twice. */
export async function readPermissions(
  cloud: Cloud,
  caller: Caller,
  input: PermissionInput,
): Promise<readonly RuleColumns[]> {
  const permissions = [...(input.IpPermissions ?? []), ...flatPermission(input)];
  if (permissions.length === 0) throw missingParameter('ipPermissions');
  const rules = (await Promise.all(permissions.map((one) => rulesOf(cloud, caller, one)))).flat();
  const keys = rules.map(ruleKey);
  if (new Set(keys).size < keys.length) {
    throw invalidParameterValue('The same permission must not appear multiple times');
  }
  return rules;
}

function flatPermission(input: PermissionInput): IpPermission[] {
  const { CidrIp: cidr, SourceSecurityGroupName: group } = input;
  if (input.IpProtocol === undefined && cidr === undefined && group === undefined) return [];
  return [
    {
      // A source group alone means all traffic from it.
      IpProtocol: input.IpProtocol ?? (cidr === undefined ? '-1' : undefined),
      FromPort: input.FromPort,
      ToPort: input.ToPort,
      ...(cidr === undefined ? {} : { IpRanges: [{ CidrIp: cidr }] }),
      ...(group === undefined
        ? {}
        : { UserIdGroupPairs: [{ GroupName: group, UserId: input.SourceSecurityGroupOwnerId }] }),
    },
  ];
}

async function rulesOf(cloud: Cloud, caller: Caller, permission: IpPermission): Promise<RuleColumns[]> {
  const base = { ...protocolPorts(permission), ...noSource };
  const rules: RuleColumns[] = [];
  for (const range of permission.IpRanges ?? []) {
    rules.push({
      ...base,
      cidr_ipv4: canonicalCidr(range.CidrIp, 4),
      description: checkedDescription(range.Description),
    });
  }
  for (const range of permission.Ipv6Ranges ?? []) {
    rules.push({
      ...base,
      cidr_ipv6: canonicalCidr(range.CidrIpv6, 6),
      description: checkedDescription(range.Description),
    });
  }
  for (const pair of permission.UserIdGroupPairs ?? []) {
    const source_group_id = await sourceGroup(cloud, caller, pair);
    rules.push({ ...base, source_group_id, description: checkedDescription(pair.Description) });
  }
  const [list] = permission.PrefixListIds ?? [];
  if (list !== undefined) throw noPrefixList(list.PrefixListId);
  if (rules.length > 0) return rules;
  throw missingParameter('ipRanges, ipv6Ranges or groups: a permission needs a source or destination');
}

async function sourceGroup(cloud: Cloud, caller: Caller, pair: UserIdGroupPair): Promise<string> {
  if (pair.UserId !== undefined && pair.UserId !== caller.accountId) {
    throw new Ec2Fault(
      'InvalidGroup.NotFound',
      `The security group '${pair.GroupId ?? pair.GroupName}' of account ${pair.UserId} cannot be referred to: ` +
        'a rule names groups of its own VPC',
    );
  }
  return (await findGroup(cloud, caller, pair)).group_id;
}

/** Host bits are cleared, as EC2 stores it. */
export function canonicalCidr(text: string | undefined, family: 4 | 6): string {
  const cidr = readCidr(text ?? '');
  if (cidr?.family === family) return cidrText(cidr);
  throw invalidParameterValue(`CIDR block ${text} is malformed`);
}

export function noPrefixList(id: string | undefined): Ec2Fault {
  return new Ec2Fault('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);
}

/** EC2: up to 255 characters of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$* */
export function checkedDescription(text: string | undefined): string | null {
  if (text === undefined || text === '') return null;
  if (/^[\w .\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(text)) return text;
  throw invalidParameterValue(
    'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: ' +
      'a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
  );
}
