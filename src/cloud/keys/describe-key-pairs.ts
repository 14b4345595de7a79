import type { DescribeKeyPairsRequest, DescribeKeyPairsResult, KeyPairInfo } from '@aws-sdk/client-ec2';
import type { Selectable } from 'kysely';
import { notFound } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { readTags } from '../tags/read-tags.ts';
import type { KeyPairTable } from './table.ts';

const columns = {
  fingerprint: 'key_pairs.fingerprint',
  'key-name': 'key_pairs.key_name',
  'key-pair-id': 'key_pairs.key_pair_id',
} as const;

export async function describeKeyPairs(
  cloud: Cloud,
  input: DescribeKeyPairsRequest,
  caller: Caller,
): Promise<DescribeKeyPairsResult> {
  const mine = cloud.db.read
    .selectFrom('key_pairs')
    .selectAll()
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId);
  const names = input.KeyNames ?? [];
  const rows = names.length === 0 ? mine : mine.where('key_name', 'in', names);
  if (names.length > 0) {
    const known = new Set((await rows.execute()).map((row) => row.key_name));
    const missing = names.filter((name) => !known.has(name));
    if (missing.length > 0) throw notFound('keyPair', missing);
  }
  const { items } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeKeyPairs' },
    rows,
    ids: { resource: 'keyPair', values: input.KeyPairIds },
    key: 'key_pairs.key_pair_id',
    keyOf: (row) => row.key_pair_id,
    columns,
    filters: {},
    tagsOf: (shown: KeyPairInfo) => shown.Tags ?? [],
    show: (keys) => toKeyPairInfos(cloud, keys, input.IncludePublicKey === true),
  });
  return { KeyPairs: items.toSorted((a, b) => ((a.KeyName ?? '') < (b.KeyName ?? '') ? -1 : 1)) };
}

async function toKeyPairInfos(
  cloud: Cloud,
  rows: readonly Selectable<KeyPairTable>[],
  withPublicKey: boolean,
): Promise<KeyPairInfo[]> {
  const tags = await readTags(
    cloud.db.read,
    rows.map((row) => row.key_pair_id),
  );
  return rows.map((row) => ({
    KeyPairId: row.key_pair_id,
    KeyName: row.key_name,
    KeyType: row.key_type,
    KeyFingerprint: row.fingerprint,
    CreateTime: new Date(row.created_at),
    Tags: [...(tags.get(row.key_pair_id) ?? [])],
    ...(withPublicKey ? { PublicKey: row.public_key } : {}),
  }));
}
