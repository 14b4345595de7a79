import type { CreateSecurityGroupRequest, CreateSecurityGroupResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../../ec2/dry-run.ts';
import { invalidParameterValue, missingParameter } from '../../../ec2/request-faults.ts';
import { checkIds, notFound } from '../../../ec2/resource-faults.ts';
import { groupTaken } from '../../../ec2/state-faults.ts';
import type { Caller } from '../../../ec2/types.ts';
import { newId } from '../../../platform/ids.ts';
import type { Cloud } from '../../cloud.ts';
import { insertTags, requestedTags } from '../../tags/tag-specifications.ts';
import { defaultVpc } from '../default-vpc.ts';

/** A new group lets nothing in and everything out. */
export async function createSecurityGroup(
  cloud: Cloud,
  input: CreateSecurityGroupRequest,
  caller: Caller,
): Promise<CreateSecurityGroupResult> {
  const name = checkedName(input.GroupName);
  const description = checkedText(input.Description, 'GroupDescription');
  const tags = requestedTags(input.TagSpecifications, ['security-group']).get('security-group') ?? [];
  const { vpc } = await defaultVpc(cloud, caller);
  checkVpc(input.VpcId, vpc.vpc_id);
  await checkFree(cloud.db.read, vpc.vpc_id, name);
  endDryRun(input);

  const groupId = newId('sg');
  const place = { region: caller.region, owner_id: caller.accountId };
  await cloud.db.write(async (tx) => {
    await checkFree(tx, vpc.vpc_id, name);
    await tx
      .insertInto('security_groups')
      .values({ ...place, group_id: groupId, vpc_id: vpc.vpc_id, group_name: name, description })
      .execute();
    await tx
      .insertInto('security_group_rules')
      .values({
        ...place,
        rule_id: newId('sgr'),
        group_id: groupId,
        is_egress: 1,
        protocol: '-1',
        from_port: -1,
        to_port: -1,
        cidr_ipv4: '0.0.0.0/0',
      })
      .execute();
    const resource = {
      id: groupId,
      type: 'security-group',
      region: caller.region,
      ownerId: caller.accountId,
    };
    await insertTags(tx, resource, tags);
  });
  return {
    GroupId: groupId,
    SecurityGroupArn: `arn:aws:ec2:${caller.region}:${caller.accountId}:security-group/${groupId}`,
    ...(tags.length === 0 ? {} : { Tags: tags.map((tag) => ({ ...tag })) }),
  };
}

/** An empty id means none: Packer sends it. */
function checkVpc(wanted: string | undefined, vpcId: string): void {
  if (wanted === undefined || wanted === '') return;
  checkIds('vpc', [wanted]);
  if (wanted !== vpcId) throw notFound('vpc', wanted);
}

async function checkFree(
  db: Pick<Cloud['db']['read'], 'selectFrom'>,
  vpcId: string,
  name: string,
): Promise<void> {
  const taken = await db
    .selectFrom('security_groups')
    .select('group_id')
    .where('vpc_id', '=', vpcId)
    .where('group_name', '=', name)
    .executeTakeFirst();
  if (taken !== undefined) throw groupTaken(name, vpcId);
}

function checkedName(given: string | undefined): string {
  const name = checkedText(given, 'GroupName');
  if (name.startsWith('sg-')) {
    throw invalidParameterValue(
      `Value (${name}) for parameter groupName is invalid. Group names may not be in the format sg-*.`,
    );
  }
  return name;
}

/** EC2's set for both: a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$* */
function checkedText(text: string | undefined, parameter: string): string {
  if (text === undefined || text === '') throw missingParameter(parameter);
  if (/^[\w .\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(text)) return text;
  throw invalidParameterValue(
    `Value (${text.slice(0, 300)}) for parameter ${parameter} is invalid. Character sets beyond ASCII are not supported: ` +
      'up to 255 of a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
  );
}
