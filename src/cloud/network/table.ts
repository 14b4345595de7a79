import type { Kysely } from 'kysely';
import type { AccountId } from '../../platform/ids.ts';

/** The default VPC of an account in a region; made when it is first looked at. */
export interface VpcTable {
  vpc_id: string;
  region: string;
  owner_id: AccountId;
  cidr: string;
  internet_gateway_id: string;
  route_table_id: string;
  dhcp_options_id: string;
  network_acl_id: string;
}

export interface SubnetTable {
  subnet_id: string;
  vpc_id: string;
  region: string;
  owner_id: AccountId;
  zone: string;
  cidr: string;
}

export interface SecurityGroupTable {
  group_id: string;
  region: string;
  owner_id: AccountId;
  vpc_id: string;
  group_name: string;
  description: string;
}

/** One rule is one source: EC2's rule ids are per source too. */
export interface SecurityGroupRuleTable {
  rule_id: string;
  group_id: string;
  region: string;
  owner_id: AccountId;
  is_egress: number;
  /** 'tcp' | 'udp' | 'icmp' | '-1' | a protocol number. */
  protocol: string;
  from_port: number;
  to_port: number;
  cidr_ipv4: string | null;
  cidr_ipv6: string | null;
  prefix_list_id: string | null;
  source_group_id: string | null;
  description: string | null;
}

export async function createNetworkTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('vpcs')
    .addColumn('vpc_id', 'text', (c) => c.primaryKey())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('cidr', 'text', (c) => c.notNull())
    .addColumn('internet_gateway_id', 'text', (c) => c.notNull())
    .addColumn('route_table_id', 'text', (c) => c.notNull())
    .addColumn('dhcp_options_id', 'text', (c) => c.notNull())
    .addColumn('network_acl_id', 'text', (c) => c.notNull())
    .addUniqueConstraint('vpcs_default', ['region', 'owner_id'])
    .execute();
  await db.schema
    .createTable('subnets')
    .addColumn('subnet_id', 'text', (c) => c.primaryKey())
    .addColumn('vpc_id', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('zone', 'text', (c) => c.notNull())
    .addColumn('cidr', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('security_groups')
    .addColumn('group_id', 'text', (c) => c.primaryKey())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('vpc_id', 'text', (c) => c.notNull())
    .addColumn('group_name', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addUniqueConstraint('security_groups_name', ['vpc_id', 'group_name'])
    .execute();
  await db.schema
    .createTable('security_group_rules')
    .addColumn('rule_id', 'text', (c) => c.primaryKey())
    .addColumn('group_id', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('is_egress', 'integer', (c) => c.notNull())
    .addColumn('protocol', 'text', (c) => c.notNull())
    .addColumn('from_port', 'integer', (c) => c.notNull())
    .addColumn('to_port', 'integer', (c) => c.notNull())
    .addColumn('cidr_ipv4', 'text')
    .addColumn('cidr_ipv6', 'text')
    .addColumn('prefix_list_id', 'text')
    .addColumn('source_group_id', 'text')
    .addColumn('description', 'text')
    .execute();
  await db.schema
    .createIndex('security_group_rules_group')
    .on('security_group_rules')
    .columns(['group_id'])
    .execute();
}
