/** The default VPC of an account in a region: one /20 a zone, EC2's addresses, a default security group. */
import type { Transaction } from 'kysely';
import type { Caller } from '../../ec2/types.ts';
import { newId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import type { SubnetTable, VpcTable } from './table.ts';

export interface DefaultVpc {
  readonly vpc: VpcTable;
  readonly subnets: readonly SubnetTable[];
}

/** Made when it is first wanted; two callers at once get the same. */
export async function defaultVpc(cloud: Cloud, caller: Caller): Promise<DefaultVpc> {
  const known = await readDefaultVpc(cloud.db.read, caller);
  if (known !== undefined) return known;
  return await cloud.db.write(async (tx) => {
    const now = await readDefaultVpc(tx, caller);
    return now ?? (await insertDefaultVpc(tx, cloud, caller));
  });
}

/** The caller's VPCs of the region, for Describe calls; the default one is made if it is not there yet. */
export async function vpcRows(cloud: Cloud, caller: Caller) {
  const { vpc } = await defaultVpc(cloud, caller);
  return cloud.db.read.selectFrom('vpcs').selectAll().where('vpc_id', '=', vpc.vpc_id);
}

async function readDefaultVpc(
  db: Cloud['db']['read'] | Transaction<Schema>,
  caller: Caller,
): Promise<DefaultVpc | undefined> {
  const vpc = await db
    .selectFrom('vpcs')
    .selectAll()
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId)
    .executeTakeFirst();
  if (vpc === undefined) return undefined;
  const subnets = await db
    .selectFrom('subnets')
    .selectAll()
    .where('vpc_id', '=', vpc.vpc_id)
    .orderBy('zone')
    .execute();
  return { vpc, subnets };
}

async function insertDefaultVpc(tx: Transaction<Schema>, cloud: Cloud, caller: Caller): Promise<DefaultVpc> {
  const place = { region: caller.region, owner_id: caller.accountId };
  const vpc: VpcTable = {
    ...place,
    vpc_id: newId('vpc'),
    cidr: '172.31.0.0/16',
    internet_gateway_id: newId('igw'),
    route_table_id: newId('rtb'),
    dhcp_options_id: newId('dopt'),
    network_acl_id: newId('acl'),
  };
  await tx.insertInto('vpcs').values(vpc).execute();
  const subnets = cloud.config.zones.map((letter, index) => ({
    ...place,
    subnet_id: newId('subnet'),
    vpc_id: vpc.vpc_id,
    zone: `${caller.region}${letter}`,
    cidr: `172.31.${index * 16}.0/20`,
  }));
  await tx.insertInto('subnets').values(subnets).execute();
  const groupId = newId('sg');
  await tx
    .insertInto('security_groups')
    .values({
      ...place,
      group_id: groupId,
      vpc_id: vpc.vpc_id,
      group_name: 'default',
      description: 'default VPC security group',
    })
    .execute();
  const rule = {
    ...place,
    group_id: groupId,
    protocol: '-1',
    from_port: -1,
    to_port: -1,
    cidr_ipv4: null,
    cidr_ipv6: null,
    prefix_list_id: null,
    source_group_id: null,
    description: null,
  };
  await tx
    .insertInto('security_group_rules')
    .values([
      { ...rule, rule_id: newId('sgr'), is_egress: 0, source_group_id: groupId },
      { ...rule, rule_id: newId('sgr'), is_egress: 1, cidr_ipv4: '0.0.0.0/0' },
    ])
    .execute();
  return { vpc, subnets };
}
