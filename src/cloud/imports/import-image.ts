/**
 * A disk file on the node's machine becomes an image. The rows are written first: the import goes on when its client
 * leaves, and begins again where the server ended in between (drive-imports.ts).
 */
import { Ec2Fault } from '../../ec2/faults.ts';
import { NodeError } from '../../node/contract.ts';
import type { DiskFacts, DiskFormat } from '../../node/file-contract.ts';
import {
  type AccountId,
  type Architecture,
  type Firmware,
  type ImageId,
  newId,
  type SnapshotId,
} from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { checkedDescription, checkedName } from '../images/image-name.ts';
import { checkNameFree } from '../images/insert-image.ts';
import { noVolume } from '../snapshots/no-volume.ts';
import { bytesPerGiB } from '../volumes/make-layers.ts';
import type { ImportState } from './table.ts';

export interface ImageToImport {
  readonly accountId: AccountId;
  readonly region: string;
  /** On the node's machine. */
  readonly file: string;
  readonly format: DiskFormat;
  readonly name: string;
  readonly description?: string | undefined;
  readonly architecture: Architecture;
  readonly firmware: Firmware;
  readonly sshUser?: string | undefined;
}

/** As its row keeps it. */
export type ImportedImage = Pick<
  ImageToImport,
  'name' | 'description' | 'architecture' | 'firmware' | 'sshUser'
>;

export interface ImportStatus {
  readonly state: ImportState;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly reason?: string;
  readonly imageId?: ImageId;
}

const keptMs = 24 * 60 * 60_000;

/** What the file is. Throws a RangeError for what can't be imported. */
export async function inspectDiskFile(
  cloud: Cloud,
  request: { readonly file: string; readonly format?: DiskFormat },
): Promise<DiskFacts> {
  const { node } = importingNode(cloud);
  return await inWords(() => node.inspectFile(request));
}

/** Answers with the snapshot's id, by which the import is followed. */
export async function importImage(cloud: Cloud, image: ImageToImport): Promise<SnapshotId> {
  const { accountId, region, file, format } = image;
  if (!cloud.config.regions.includes(region)) {
    throw new RangeError(
      `The region '${region}' does not exist; there are ${cloud.config.regions.join(', ')}`,
    );
  }
  if (image.architecture === 'arm64' && image.firmware === 'bios') {
    throw new RangeError('arm64 boots by UEFI alone; leave the firmware out');
  }
  const { nodeId, node } = importingNode(cloud);
  const { sizeBytes } = await inWords(() => node.inspectFile({ file, format }));
  const stored: ImportedImage = await inWords(async () => ({
    name: checkedName(image.name),
    description: checkedDescription(image.description) ?? undefined,
    architecture: image.architecture,
    firmware: image.firmware,
    sshUser: image.sshUser,
  }));
  const snapshotId = newId('snap');
  const layerId = newId('layer');
  const now = cloud.now();
  await inWords(() =>
    cloud.db.write(async (tx) => {
      await checkNameFree(tx, { region, owner_id: accountId, name: image.name });
      await tx
        .deleteFrom('disk_imports')
        .where('state', '!=', 'running')
        .where('started_at', '<', new Date(now.getTime() - keptMs).toISOString())
        .execute();
      await tx
        .insertInto('snapshots')
        .values({
          snapshot_id: snapshotId,
          region,
          owner_id: accountId,
          volume_id: noVolume,
          volume_size_gib: Math.max(1, Math.ceil(sizeBytes / bytesPerGiB)),
          state: 'pending',
          progress: 0,
          started_at: now.toISOString(),
          description: `Imported for ${image.name}`,
          layer_id: layerId,
          node_id: nodeId,
        })
        .execute();
      await tx
        .insertInto('disk_imports')
        .values({
          snapshot_id: snapshotId,
          region,
          owner_id: accountId,
          node_id: nodeId,
          layer_id: layerId,
          file,
          format,
          image: JSON.stringify(stored),
          state: 'running',
          bytes_done: 0,
          bytes_total: sizeBytes,
          started_at: now.toISOString(),
        })
        .execute();
    }),
  );
  cloud.wake();
  return snapshotId;
}

/** What has been over for a day is forgotten. */
export async function importStatus(cloud: Cloud, snapshotId: SnapshotId): Promise<ImportStatus> {
  const row = await cloud.db.read
    .selectFrom('disk_imports')
    .selectAll()
    .where('snapshot_id', '=', snapshotId)
    .executeTakeFirst();
  if (row === undefined) {
    return { state: 'failed', bytesDone: 0, bytesTotal: 0, reason: `No import into ${snapshotId} is known` };
  }
  if (row.state === 'running') cloud.wake();
  return {
    state: row.state,
    bytesDone: row.bytes_done,
    bytesTotal: row.bytes_total,
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.image_id === null ? {} : { imageId: row.image_id }),
  };
}

function importingNode(cloud: Cloud) {
  const [nodeId] = cloud.nodes.ids;
  if (nodeId === undefined) throw new Error('An import needs a node to hold the disk; this cloud has none');
  return { nodeId, node: cloud.nodes.get(nodeId) };
}

/** What the caller gave breaks a rule: told as such, in the same words. */
export async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const told = error instanceof Ec2Fault || (error instanceof NodeError && error.kind === 'unsupported');
    throw told ? new RangeError(error.message, { cause: error }) : error;
  }
}
