/**
 * Which blocks a boot of an image touched, in order. Kept with the image, merged over boots: the next launch of the
 * image fetches them first. Blocks that one boot alone has touched drop out once three boots are known.
 */
import type { ImageId, SnapshotId } from '../../platform/ids.ts';
import { putJson } from '../blobs/blob-store.ts';
import type { VaultContext } from '../context.ts';
import { bootTraceKey } from '../format/layout.ts';

export interface TracedBlock {
  readonly block: number;
  /** Boots that touched it. */
  readonly seen: number;
}

export interface BootTrace {
  readonly schemaVersion: 1;
  readonly snapshots: Readonly<
    Record<string, { readonly boots: number; readonly blocks: readonly TracedBlock[] }>
  >;
}

const bootsToBeSure = 3;
/** 8 GiB of touched blocks: more is no boot. */
const longestTrace = 16_384;

export async function readBootTrace({ store, log }: VaultContext, imageId: ImageId): Promise<BootTrace> {
  const blob = await store.get(bootTraceKey(imageId));
  const empty: BootTrace = { schemaVersion: 1, snapshots: {} };
  if (blob === undefined) return empty;
  try {
    const trace = JSON.parse(blob.bytes.toString('utf8')) as Partial<BootTrace>;
    if (trace.schemaVersion === 1 && trace.snapshots !== undefined) return trace as BootTrace;
    throw new Error(`schemaVersion ${trace.schemaVersion} is not 1`);
  } catch (error) {
    // A trace only makes a boot faster.
    log.warn({ error, imageId }, 'vault boot trace is unreadable and left out');
    return empty;
  }
}

export async function addBootTrace(
  vault: VaultContext,
  imageId: ImageId,
  touched: ReadonlyMap<SnapshotId, readonly number[]>,
): Promise<void> {
  const before = await readBootTrace(vault, imageId);
  const snapshots = { ...before.snapshots };
  for (const [snapshotId, blocks] of touched) {
    const known = snapshots[snapshotId] ?? { boots: 0, blocks: [] };
    snapshots[snapshotId] = { boots: known.boots + 1, blocks: merged(known, blocks.slice(0, longestTrace)) };
  }
  await putJson(vault.store, bootTraceKey(imageId), { schemaVersion: 1, snapshots } satisfies BootTrace);
}

/** The newest boot's order, then what only earlier ones touched. */
function merged(
  known: { readonly boots: number; readonly blocks: readonly TracedBlock[] },
  blocks: readonly number[],
): readonly TracedBlock[] {
  const seenBefore = new Map(known.blocks.map(({ block, seen }) => [block, seen]));
  const newest = blocks.map((block) => ({ block, seen: (seenBefore.get(block) ?? 0) + 1 }));
  const touched = new Set(blocks);
  const all = [...newest, ...known.blocks.filter(({ block }) => !touched.has(block))];
  return known.boots + 1 < bootsToBeSure ? all : all.filter(({ seen }) => seen >= 2);
}
