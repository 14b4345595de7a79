/** EBS direct: the blocks that a snapshot has, or has changed since another, how they are read and how written. */
import { createHash } from 'node:crypto';
import type { EBS } from '@aws-sdk/client-ebs';

export interface BlockToSend {
  readonly index: number;
  /** Absent where it reads as zeros. */
  readonly token: string | undefined;
}

/** In order. */
export async function* blocksOf(
  ebs: EBS,
  snapshotId: string,
  parent: string | undefined,
): AsyncGenerator<BlockToSend> {
  let next: { NextToken?: string } = {};
  do {
    const { blocks, token } = await pageOf(ebs, snapshotId, parent, next);
    yield* blocks;
    next = token === undefined ? {} : { NextToken: token };
  } while (next.NextToken !== undefined);
}

async function pageOf(
  ebs: EBS,
  snapshotId: string,
  parent: string | undefined,
  next: { readonly NextToken?: string },
): Promise<{ readonly blocks: readonly BlockToSend[]; readonly token: string | undefined }> {
  if (parent === undefined) {
    const { Blocks = [], NextToken } = await ebs.listSnapshotBlocks({ SnapshotId: snapshotId, ...next });
    const blocks = Blocks.map(({ BlockIndex: index = 0, BlockToken: token }) => ({ index, token }));
    return { blocks, token: NextToken };
  }
  const range = { FirstSnapshotId: parent, SecondSnapshotId: snapshotId };
  const { ChangedBlocks = [], NextToken } = await ebs.listChangedBlocks({ ...range, ...next });
  const blocks = ChangedBlocks.map(({ BlockIndex: index = 0, SecondBlockToken: token }) => ({
    index,
    token,
  }));
  return { blocks, token: NextToken };
}

const readAttempts = 3;

/** Checked against the checksum that came with it. */
export async function readBlock(
  ebs: EBS,
  snapshotId: string,
  { index, token }: BlockToSend,
  blockBytes: number,
) {
  if (token === undefined) {
    const content = Buffer.alloc(blockBytes);
    return { content, sha256: sha256Of(content) };
  }
  for (let attempt = 1; ; attempt++) {
    const got = await ebs.getSnapshotBlock({ SnapshotId: snapshotId, BlockIndex: index, BlockToken: token });
    const content = Buffer.from((await got.BlockData?.transformToByteArray()) ?? []);
    const sha256 = sha256Of(content);
    if (content.length === blockBytes && sha256 === got.Checksum) return { content, sha256 };
    if (attempt === readAttempts) {
      throw new Error(`Block ${index} of ${snapshotId} came damaged ${readAttempts} times; try again`);
    }
  }
}

export async function writeBlock(
  ebs: EBS,
  snapshotId: string,
  block: {
    readonly index: number;
    readonly content: Buffer;
    readonly sha256: string;
    readonly percent: number;
  },
): Promise<void> {
  await ebs.putSnapshotBlock({
    SnapshotId: snapshotId,
    BlockIndex: block.index,
    BlockData: block.content,
    DataLength: block.content.length,
    Checksum: block.sha256,
    ChecksumAlgorithm: 'SHA256',
    Progress: block.percent,
  });
}

/** EBS's LINEAR checksum: over the blocks' own, in the order of their indexes. */
export function linearChecksum(blocks: ReadonlyMap<number, string>): string {
  const hash = createHash('sha256');
  for (const index of [...blocks.keys()].sort((a, b) => a - b)) {
    hash.update(Buffer.from(blocks.get(index) ?? '', 'base64'));
  }
  return hash.digest('base64');
}

export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('base64');
}

/** At most `width` at once; the first failure ends it. */
export async function inParallel<T>(
  width: number,
  items: AsyncIterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  for await (const item of items) {
    const one = work(item).catch((error: unknown) => {
      failure ??= { error };
    });
    const settled: Promise<void> = one.finally(() => underWay.delete(settled));
    underWay.add(settled);
    if (underWay.size >= width) await Promise.race(underWay);
    if (failure !== undefined) break;
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw failure.error;
}
