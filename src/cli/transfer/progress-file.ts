/**
 * What of a snapshot is at its target already, so that a transfer that was interrupted goes on. One line a block:
 * a line that is missing costs a block sent twice, which is put in its own place.
 */
import { createHash } from 'node:crypto';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent } from '../../platform/files.ts';

export interface TransferProgress {
  /** At the target. */
  readonly snapshotId: string;
  /** Base64 SHA-256 by index. */
  readonly blocks: Map<number, string>;
  add(index: number, sha256: string): Promise<void>;
  remove(): Promise<void>;
}

interface Begun {
  readonly snapshotId: string;
  /** At the source: a transfer that would now be made of another one begins anew. */
  readonly parent: string | null;
}

export function progressFile(home: string, sourceSnapshotId: string, target: string): string {
  const place = createHash('sha256').update(target).digest('hex').slice(0, 12);
  return join(home, 'transfers', `${sourceSnapshotId}-${place}.jsonl`);
}

export async function readProgress(
  file: string,
): Promise<(Begun & { readonly progress: TransferProgress }) | undefined> {
  const [first, ...lines] = ((await readIfPresent(file)) ?? '').split('\n');
  if (first === undefined || first === '') return undefined;
  const begun = JSON.parse(first) as Begun;
  const blocks = new Map<number, string>();
  for (const line of lines) {
    const [, index, sha256] = /^(\d+) (\S{44})$/.exec(line) ?? [];
    if (index !== undefined && sha256 !== undefined) blocks.set(Number(index), sha256);
  }
  return { ...begun, progress: progressOf(file, begun.snapshotId, blocks) };
}

export async function beginProgress(home: string, file: string, begun: Begun): Promise<TransferProgress> {
  await mkdir(join(home, 'transfers'), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(begun)}\n`, { mode: 0o600 });
  return progressOf(file, begun.snapshotId, new Map());
}

function progressOf(file: string, snapshotId: string, blocks: Map<number, string>): TransferProgress {
  return {
    snapshotId,
    blocks,
    async add(index, sha256) {
      blocks.set(index, sha256);
      await appendFile(file, `${index} ${sha256}\n`);
    },
    remove: () => rm(file, { force: true }),
  };
}
