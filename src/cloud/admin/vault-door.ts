/** The care of the vaults, which EC2 has no call for: how they are, whether they are whole, what can go. */
import type { VaultCareStatus, VaultStatus } from '../../node/vault-contract.ts';
import type { SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { type Collected, collectVault } from '../vault/collect-vaults.ts';
import { type Eviction, evictSnapshots } from './evict-snapshots.ts';
import { type HarmedSnapshot, harmedSnapshots } from './harmed-snapshots.ts';

export interface RegionVault extends VaultStatus {
  /** Snapshots that are to be stored and are not yet, and what is known of their bytes. */
  readonly waiting: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** Those that failed, and are tried again. */
  readonly failing: readonly { readonly snapshotId: SnapshotId; readonly reason: string }[];
  /** ISO time of the last collection. */
  readonly collectedAt?: string;
}

export interface VaultCare extends VaultCareStatus {
  readonly region: string;
  /** Whose blocks are damaged or missing, with the images that stand on them. */
  readonly harmed: readonly HarmedSnapshot[];
}

export interface VaultDoor {
  status(region: string): Promise<RegionVault>;
  /** Asked for again until it rests; `restart` begins anew where it has ended before. */
  verify(region: string, restart: boolean): Promise<VaultCare>;
  repair(region: string, restart: boolean): Promise<VaultCare>;
  collect(region: string, dryRun: boolean): Promise<Collected>;
  /** Lets go of the local layers of the snapshots, or of all that can go. */
  evict(request: {
    readonly snapshotIds?: readonly SnapshotId[] | undefined;
    readonly dryRun: boolean;
  }): Promise<Eviction>;
}

export function vaultDoor(cloud: Cloud): VaultDoor {
  return {
    status: async (region) => await status(cloud, checked(cloud, region)),
    verify: (region, restart) =>
      care(cloud, region, (node) => node.verifyVault({ region: checked(cloud, region), restart })),
    repair: async (region, restart) => {
      const sources = await layersHere(cloud, checked(cloud, region));
      return await care(cloud, region, (node) => node.repairVault({ region, restart, sources }));
    },
    collect: async (region, dryRun) => await collectVault(cloud, checked(cloud, region), dryRun),
    evict: (request) => evictSnapshots(cloud, request),
  };
}

function checked(cloud: Cloud, region: string): string {
  if (cloud.config.regions.includes(region)) return region;
  throw new RangeError(`There is no region '${region}'; there are ${cloud.config.regions.join(', ')}`);
}

function firstNode(cloud: Cloud) {
  const [nodeId] = cloud.nodes.ids;
  if (nodeId === undefined) throw new Error('This cloud has no node, and so no vaults');
  return cloud.nodes.get(nodeId);
}

async function care(
  cloud: Cloud,
  region: string,
  ask: (node: ReturnType<typeof firstNode>) => Promise<VaultCareStatus>,
): Promise<VaultCare> {
  const answer = await ask(firstNode(cloud));
  return { ...answer, region, harmed: await harmedSnapshots(cloud, answer.harms ?? []) };
}

async function status(cloud: Cloud, region: string): Promise<RegionVault> {
  const { read } = cloud.db;
  const rows = await read
    .selectFrom('stored_snapshots')
    .select(['snapshot_id', 'bytes_done', 'bytes_total', 'reason'])
    .where('region', '=', region)
    .where('state', '=', 'wanted')
    .where('released', '=', 0)
    .execute();
  const collection = await read
    .selectFrom('vault_collections')
    .select('collected_at')
    .where('region', '=', region)
    .executeTakeFirst();
  return {
    ...(await firstNode(cloud).vaultStatus({ region })),
    waiting: rows.length,
    bytesDone: rows.reduce((sum, row) => sum + row.bytes_done, 0),
    bytesTotal: rows.reduce((sum, row) => sum + row.bytes_total, 0),
    failing: rows.flatMap((row) =>
      row.reason === null ? [] : [{ snapshotId: row.snapshot_id, reason: row.reason }],
    ),
    ...(collection === undefined ? {} : { collectedAt: collection.collected_at }),
  };
}

/** Disks with exactly the content of a stored snapshot, which a damaged block can be made good from. */
async function layersHere(cloud: Cloud, region: string) {
  const rows = await cloud.db.read
    .selectFrom('stored_snapshots')
    .select(['snapshot_id', 'layer_id'])
    .where('region', '=', region)
    .where('state', '=', 'stored')
    .where('layer_id', 'not in', (eb) => eb.selectFrom('evicted_layers').select('layer_id'))
    .execute();
  return rows.map((row) => ({ snapshotId: row.snapshot_id, layerId: row.layer_id }));
}
