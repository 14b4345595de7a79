import type { Transaction } from 'kysely';
import { EbsFault, invalid } from '../../ec2/ebs/faults.ts';
import type { EbsInputOf, EbsOutputOf } from '../../ec2/ebs/types.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { blockBytes } from '../../node/block-contract.ts';
import { newId, type SnapshotId } from '../../platform/ids.ts';
import { keepToken, type TokenUse, tokenResult } from '../client-token.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { noVolume } from '../snapshots/no-volume.ts';
import type { SnapshotRow } from '../snapshots/record.ts';
import { readTags } from '../tags/read-tags.ts';
import { type CheckedTag, checkedTags, insertTags } from '../tags/tag-specifications.ts';
import { beginBlockWrite } from './begin-block-write.ts';
import { readableSnapshot } from './find-snapshot.ts';

type Input = EbsInputOf<'StartSnapshot'>;

const usualTimeoutMinutes = 60;
/** As EBS allows an account in a region. */
const mostPending = 20;

/** A pending snapshot into which blocks are put. Its row is written before the node is asked to make room. */
export async function startSnapshot(
  cloud: Cloud,
  input: Input,
  caller: Caller,
): Promise<EbsOutputOf<'StartSnapshot'>> {
  refuseEncryption(input);
  const tags = requestedTags(input);
  const parent =
    input.ParentSnapshotId === undefined
      ? undefined
      : await readableSnapshot(cloud, caller, input.ParentSnapshotId);
  const snapshotId = await insertOnce(cloud, caller, input, parent, tags);
  const snapshot = await beginBlockWrite(cloud, snapshotId);
  const kept = await readTags(cloud.db.read, [snapshotId]);
  return {
    SnapshotId: snapshotId,
    OwnerId: snapshot.owner_id,
    Status: snapshot.state,
    StartTime: new Date(snapshot.started_at),
    VolumeSize: snapshot.volume_size_gib,
    BlockSize: blockBytes,
    ...(snapshot.description === '' ? {} : { Description: snapshot.description }),
    ...(parent === undefined ? {} : { ParentSnapshotId: parent.snapshot_id }),
    Tags: [...(kept.get(snapshotId) ?? [])],
  };
}

function refuseEncryption(input: Input): void {
  if (input.Encrypted !== undefined && input.ParentSnapshotId !== undefined) {
    throw invalid('INVALID_PARAMETER_VALUE', 'Encrypted and ParentSnapshotId cannot be given together.');
  }
  if (input.Encrypted === true) {
    throw invalid(
      'INVALID_PARAMETER_VALUE',
      'Encrypted snapshots are not offered by this cloud; leave Encrypted out.',
    );
  }
  if (input.KmsKeyArn !== undefined) {
    throw invalid('INVALID_CUSTOMER_KEY', 'KmsKeyArn needs Encrypted, which this cloud does not offer.');
  }
}

function requestedTags({ Tags }: Input): readonly CheckedTag[] {
  try {
    return checkedTags(Tags ?? []);
  } catch (error) {
    if (error instanceof Ec2Fault) throw invalid('INVALID_TAG', error.message);
    throw error;
  }
}

/** The same request with the same token is the same snapshot. */
async function insertOnce(
  cloud: Cloud,
  caller: Caller,
  input: Input,
  parent: SnapshotRow | undefined,
  tags: readonly CheckedTag[],
): Promise<SnapshotId> {
  const { ClientToken: token, ...parameters } = input;
  const use: TokenUse = { action: 'StartSnapshot', token: token?.slice(0, 128), parameters };
  try {
    return await cloud.db.write(async (tx) => {
      const known = await tokenResult(tx, caller, use);
      if (known !== undefined) return known as SnapshotId;
      const snapshotId = newId('snap');
      await insertRows(tx, cloud, caller, { snapshotId, input, parent, tags });
      await keepToken(tx, caller, use, snapshotId, cloud.now());
      return snapshotId;
    });
  } catch (error) {
    if (!(error instanceof Ec2Fault)) throw error;
    throw new EbsFault('ConflictException', error.message, { cause: error });
  }
}

async function insertRows(
  tx: Transaction<Schema>,
  cloud: Cloud,
  caller: Caller,
  wanted: {
    readonly snapshotId: SnapshotId;
    readonly input: Input;
    readonly parent: SnapshotRow | undefined;
    readonly tags: readonly CheckedTag[];
  },
): Promise<void> {
  const { snapshotId, input, parent, tags } = wanted;
  const { VolumeSize: sizeGiB = 0 } = input;
  if (parent !== undefined && sizeGiB < parent.volume_size_gib) {
    throw invalid(
      'INVALID_VOLUME_SIZE',
      `A volume of ${sizeGiB} GiB is smaller than that of the parent ${parent.snapshot_id}; give at least ${parent.volume_size_gib}.`,
    );
  }
  await checkPending(tx, caller);
  const nodeId = parent?.node_id ?? cloud.nodes.ids[0];
  if (nodeId === undefined) throw new Error('A snapshot needs a node to hold it; this cloud has none');
  await tx
    .insertInto('snapshots')
    .values({
      snapshot_id: snapshotId,
      region: caller.region,
      owner_id: caller.accountId,
      volume_id: noVolume,
      volume_size_gib: sizeGiB,
      state: 'pending',
      progress: 0,
      started_at: cloud.now().toISOString(),
      description: input.Description ?? '',
      layer_id: newId('layer'),
      node_id: nodeId,
    })
    .execute();
  await tx
    .insertInto('block_writes')
    .values({
      snapshot_id: snapshotId,
      parent_snapshot_id: parent?.snapshot_id ?? null,
      parent_layer_id: parent?.layer_id ?? null,
      timeout_minutes: input.Timeout ?? usualTimeoutMinutes,
    })
    .execute();
  const owned = { region: caller.region, ownerId: caller.accountId };
  await insertTags(tx, { id: snapshotId, type: 'snapshot', ...owned }, tags);
}

async function checkPending(tx: Transaction<Schema>, caller: Caller): Promise<void> {
  const { pending } = await tx
    .selectFrom('block_writes')
    .innerJoin('snapshots', 'snapshots.snapshot_id', 'block_writes.snapshot_id')
    .select((eb) => eb.fn.countAll<number>().as('pending'))
    .where('snapshots.state', '=', 'pending')
    .where('snapshots.owner_id', '=', caller.accountId)
    .where('snapshots.region', '=', caller.region)
    .executeTakeFirstOrThrow();
  if (pending < mostPending) return;
  throw new EbsFault(
    'ConcurrentLimitExceededException',
    `${pending} snapshots are pending; complete or delete some before starting another.`,
  );
}
