/** Puts the cloud together: its database, its nodes, its reconciler. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { EbsOperations } from '../ec2/ebs/types.ts';
import type { KeyLookup, Operations } from '../ec2/types.ts';
import type { NodeContract, NodeEvents } from '../node/contract.ts';
import { openDatabase } from '../platform/database/database.ts';
import type { NodeId } from '../platform/ids.ts';
import { keyedQueue } from '../platform/keyed-queue.ts';
import type { Log } from '../platform/log.ts';
import { singleFlight } from '../platform/single-flight.ts';
import { ensureAccount, findAccessKey } from './accounts/accounts.ts';
import { type AdminDoor, adminDoor } from './admin/admin-door.ts';
import { removeHalfAddedBases } from './admin/remove-half-added-bases.ts';
import type { Cloud, CloudConfig } from './cloud.ts';
import { finishingBlockWrites } from './ebs/finish-block-writes.ts';
import { bindEbsOperations } from './ebs/operations.ts';
import { expireClientTokens } from './expire-client-tokens.ts';
import { captureImages } from './images/capture-images.ts';
import { expireImages } from './images/expire-images.ts';
import { driveImports } from './imports/drive-imports.ts';
import { driveInstances } from './instances/drive-instances.ts';
import { purgeTerminated } from './instances/purge-terminated.ts';
import { chainShortening } from './layers/shorten-chains.ts';
import { layerSweep } from './layers/sweep-layers.ts';
import { hostAddresses } from './network/host-addresses.ts';
import { bindOperations } from './operations.ts';
import { type Pass, startReconciler } from './reconcile.ts';
import { migrations, type Schema } from './schema.ts';
import { expireSnapshots } from './snapshots/expire-snapshots.ts';
import { finishSnapshots } from './snapshots/finish-snapshots.ts';
import { collectVaults } from './vault/collect-vaults.ts';
import { comparing } from './vault/compare-vaults.ts';
import { evicting } from './vault/evict-layers.ts';
import { settleFetched } from './vault/fetch-layer.ts';
import { releaseStored } from './vault/release-stored.ts';
import { storeImages } from './vault/store-images.ts';
import { storing } from './vault/store-snapshots.ts';
import { driveVolumes } from './volumes/drive-volumes.ts';

export interface CloudOptions {
  /** Holds state.db. */
  readonly directory: string;
  readonly config: CloudConfig;
  readonly nodes: ReadonlyMap<NodeId, NodeContract & Partial<NodeEvents>>;
  readonly log: Log;
  /** Signs pagination tokens; kept, so that a token survives a restart. */
  readonly secret: Uint8Array;
  readonly now?: () => Date;
  /** 'host:port' that clients reach it at: asked when it is told, as a free port is known only once it is taken. */
  readonly endpoint?: () => string | undefined;
  /** Which addresses mean this host in a security group rule; by default those of its interfaces. */
  readonly hostAddresses?: () => readonly string[];
  /** Another way to open the database; tests count and break its writes. */
  readonly openDatabase?: typeof openDatabase<Schema>;
}

export interface OpenCloud {
  readonly operations: Operations;
  readonly ebs: EbsOperations;
  readonly keys: KeyLookup;
  readonly admin: AdminDoor;
  readonly cloud: Cloud;
  close(): Promise<void>;
}

/** In this order: what a crash interrupted first, new work next, and last what nobody needs any more. */
const passes = (): readonly Pass[] => [
  { name: 'captures', run: captureImages },
  { name: 'snapshots', run: finishSnapshots },
  { name: 'instances', run: driveInstances },
  { name: 'volumes', run: driveVolumes },
  { name: 'terminated', run: purgeTerminated },
  { name: 'client-tokens', run: expireClientTokens },
  { name: 'gone images', run: expireImages },
  { name: 'snapshots in the bin', run: expireSnapshots },
  finishingBlockWrites(),
  { name: 'imports', run: driveImports },
  storing(),
  { name: 'images in the vault', run: storeImages },
  { name: 'layers from the vault', run: settleFetched },
  { name: 'what the vault is rid of', run: releaseStored },
  comparing(),
  { name: 'collections', run: collectVaults },
  evicting(),
  chainShortening(),
  layerSweep(),
];

export async function openCloud(options: CloudOptions): Promise<OpenCloud> {
  const db = await (options.openDatabase ?? openDatabase<Schema>)(
    join(options.directory, 'state.db'),
    migrations,
  );
  let wake: () => void = () => undefined;
  const closing = new AbortController();
  const cloud: Cloud = {
    config: options.config,
    db,
    log: options.log,
    now: options.now ?? (() => new Date()),
    nodes: {
      ids: [...options.nodes.keys()],
      get: (nodeId) => {
        const node = options.nodes.get(nodeId);
        if (node === undefined) throw new Error(`The node ${nodeId} is not part of this cloud`);
        return node;
      },
    },
    endpoint: options.endpoint ?? (() => undefined),
    hostAddresses: options.hostAddresses ?? hostAddresses,
    flights: singleFlight(),
    queue: keyedQueue(),
    wake: () => wake(),
    closing: closing.signal,
    tokenSecret: createHash('sha256').update(options.secret).digest(),
  };
  await ensureAccount(cloud, options.config.defaultAccountId, 'default');
  await ensureAccount(cloud, options.config.baseAccountId, 'amazon');
  await removeHalfAddedBases(cloud);
  const reconciler = startReconciler(cloud, passes());
  wake = reconciler.wake;
  const stopListening = [...options.nodes.values()].map((node) => node.onMachineChanged?.(() => wake()));
  return {
    operations: bindOperations(cloud),
    ebs: bindEbsOperations(cloud),
    keys: (accessKeyId) => findAccessKey(cloud, accessKeyId),
    admin: adminDoor(cloud),
    cloud,
    async close() {
      closing.abort();
      for (const stop of stopListening) stop?.();
      await reconciler.close();
      await db.close();
    },
  };
}
