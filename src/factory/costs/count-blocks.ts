/** How many blocks a snapshot holds, asked of EBS direct once and kept: neither answer ever changes. */
import type { EBS } from '@aws-sdk/client-ebs';
import type { Place } from '../retention/references.ts';
import type { CostParts } from './parts.ts';

/** EBS direct's. */
export const blockBytes = 512 * 1024;

export interface BlockQuestion {
  readonly snapshotId: string;
  /** Only blocks that this older one doesn't hold alike. */
  readonly beyond?: string;
}

/** Undefined where the target doesn't tell: no EBS direct, no permission, or two snapshots that are no kin. */
export async function countBlocks(
  { db }: Pick<CostParts, 'db'>,
  { target, region }: Place,
  { snapshotId, beyond }: BlockQuestion,
): Promise<number | undefined> {
  const key = { target: target.name, region, snapshot_id: snapshotId, beyond: beyond ?? '' };
  const known = await db.read
    .selectFrom('snapshot_blocks')
    .select('blocks')
    .where((where) => where.and(key))
    .executeTakeFirst();
  if (known !== undefined) return known.blocks;
  const blocks = await ask(await target.ebs(region), {
    snapshotId,
    ...(beyond === undefined ? {} : { beyond }),
  });
  if (blocks === undefined) return undefined;
  await db.write((tx) =>
    tx
      .insertInto('snapshot_blocks')
      .values({ ...key, blocks })
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
  return blocks;
}

async function ask(ebs: EBS, { snapshotId, beyond }: BlockQuestion): Promise<number | undefined> {
  const sdk = await import('@aws-sdk/client-ebs');
  let blocks = 0;
  try {
    if (beyond === undefined) {
      const pages = sdk.paginateListSnapshotBlocks({ client: ebs }, { SnapshotId: snapshotId });
      for await (const { Blocks = [] } of pages) blocks += Blocks.length;
    } else {
      const range = { FirstSnapshotId: beyond, SecondSnapshotId: snapshotId };
      for await (const { ChangedBlocks = [] } of sdk.paginateListChangedBlocks({ client: ebs }, range)) {
        blocks += ChangedBlocks.filter(({ SecondBlockToken }) => SecondBlockToken !== undefined).length;
      }
    }
    return blocks;
  } catch (error) {
    if (isNoAnswer(error)) return undefined;
    throw error;
  }
}

const tooMany = 429;
const notImplemented = 501;

/** Refused, unrelated, gone, or an EC2 without EBS direct. A target that can't be reached is an error. */
function isNoAnswer(error: unknown): boolean {
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 500;
  return status === notImplemented || (status >= 400 && status < 500 && status !== tooMany);
}
