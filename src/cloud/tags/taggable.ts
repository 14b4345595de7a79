/** What can be tagged: by the prefix of its id, the word that EC2 has for its type, and where its row stands. */
import type { ResourceType } from '@aws-sdk/client-ec2';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import { checkIds, notFound, type ResourceName } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { ownImage } from '../images/find-image.ts';
import type { Schema } from '../schema.ts';

interface Kind {
  readonly type: ResourceType;
  readonly resource: ResourceName;
  readonly table: keyof Schema;
  readonly key: string;
}

const kinds: Readonly<Record<string, Kind>> = {
  acl: { type: 'network-acl', resource: 'networkAcl', table: 'vpcs', key: 'network_acl_id' },
  ami: { type: 'image', resource: 'image', table: 'images', key: 'image_id' },
  dopt: { type: 'dhcp-options', resource: 'dhcpOptions', table: 'vpcs', key: 'dhcp_options_id' },
  eni: { type: 'network-interface', resource: 'networkInterface', table: 'instances', key: 'instance_id' },
  i: { type: 'instance', resource: 'instance', table: 'instances', key: 'instance_id' },
  igw: { type: 'internet-gateway', resource: 'internetGateway', table: 'vpcs', key: 'internet_gateway_id' },
  key: { type: 'key-pair', resource: 'keyPair', table: 'key_pairs', key: 'key_pair_id' },
  lt: {
    type: 'launch-template',
    resource: 'launchTemplate',
    table: 'launch_templates',
    key: 'launch_template_id',
  },
  rtb: { type: 'route-table', resource: 'routeTable', table: 'vpcs', key: 'route_table_id' },
  sg: { type: 'security-group', resource: 'securityGroup', table: 'security_groups', key: 'group_id' },
  sgr: {
    type: 'security-group-rule',
    resource: 'securityGroupRule',
    table: 'security_group_rules',
    key: 'rule_id',
  },
  snap: { type: 'snapshot', resource: 'snapshot', table: 'snapshots', key: 'snapshot_id' },
  subnet: { type: 'subnet', resource: 'subnet', table: 'subnets', key: 'subnet_id' },
  vol: { type: 'volume', resource: 'volume', table: 'volumes', key: 'volume_id' },
  vpc: { type: 'vpc', resource: 'vpc', table: 'vpcs', key: 'vpc_id' },
};

export interface Taggable {
  readonly id: string;
  readonly type: ResourceType;
}

/** Each named resource once. Throws InvalidID for a prefix that nothing here has, Malformed for a bad id. */
export function readTaggables(ids: readonly string[]): readonly Taggable[] {
  return [...new Set(ids)].map((id) => ({ id, type: kindOf(id).type }));
}

/** Throws NotFound unless the caller owns them all; the image of another account that it may see, AuthFailure. */
export async function checkOwned(
  cloud: Cloud,
  db: Kysely<Schema>,
  caller: Caller,
  taggables: readonly Taggable[],
): Promise<void> {
  for (const [, some] of Map.groupBy(taggables, ({ type }) => type)) {
    const ids = some.map(({ id }) => id);
    const kind = kindOf(ids[0] ?? '');
    const owned = await ownedOf(db, caller, kind, ids);
    const missing = ids.filter((id) => !owned.has(rowId(kind, id)));
    if (missing.length === 0) continue;
    if (kind.type === 'image') await ownImage(cloud, caller, missing[0]);
    throw notFound(kind.resource, missing);
  }
}

async function ownedOf(
  db: Kysely<Schema>,
  caller: Caller,
  kind: Kind,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select ${sql.ref(kind.key)} as id from ${sql.table(kind.table)}
    where ${sql.ref(kind.key)} in (${sql.join(ids.map((id) => rowId(kind, id)))})
      and owner_id = ${caller.accountId} and region = ${caller.region}`.execute(db);
  return new Set(rows.map((row) => row.id));
}

/** An interface has no row of its own: it is there while its instance is. */
function rowId({ type }: Kind, id: string): string {
  return type === 'network-interface' ? `i-${id.slice('eni-'.length)}` : id;
}

function kindOf(id: string): Kind {
  const prefix = id.slice(0, id.indexOf('-'));
  const kind = Object.hasOwn(kinds, prefix) ? kinds[prefix] : undefined;
  if (kind === undefined) throw new Ec2Fault('InvalidID', `The ID '${id}' is not valid`);
  checkIds(kind.resource, [id]);
  return kind;
}
