/** The sessions as the collector sees them. */

import { type BlobInfo, folderOf } from '../blobs/blob-store.ts';
import type { VaultContext } from '../context.ts';
import { type Digest, digestAt, digestBytes } from '../format/digest.ts';
import { sessionPinsPrefix, sessionRootsPrefix, sessionsPrefix } from '../format/layout.ts';
import type { SessionKind } from './session.ts';

export interface SessionStatus {
  readonly id: string;
  /** Undefined where only leftovers of an ended session lie. */
  readonly open: BlobInfo | undefined;
  readonly lastHeardMs: number;
  readonly leaseMs: number;
  /** Stores chunks; the others only keep manifests readable. */
  readonly writer: boolean;
}

const readers: readonly unknown[] = ['serve', 'restore'] satisfies readonly SessionKind[];

export async function listSessions({ store, leaseMs }: VaultContext): Promise<readonly SessionStatus[]> {
  const found = new Map<string, { open?: BlobInfo; heard: number }>();
  for await (const blob of store.list(sessionsPrefix)) {
    const id = blob.key.split('/')[1] ?? '';
    const known = found.get(id) ?? { heard: 0 };
    known.heard = Math.max(known.heard, blob.modifiedAtMs);
    if (blob.key.endsWith('/open') && folderOf(blob.key) === id) known.open = blob;
    found.set(id, known);
  }
  const sessions: SessionStatus[] = [];
  for (const [id, { open, heard }] of found) {
    const record = open === undefined ? undefined : await store.get(open.key);
    sessions.push({ id, open, lastHeardMs: heard, leaseMs, writer: true, ...recordOf(record?.bytes) });
  }
  return sessions;
}

/** Manifests that the session keeps readable. */
export async function* rootsOf({ store }: VaultContext, id: string): AsyncGenerator<Buffer> {
  for await (const { key } of store.list(sessionRootsPrefix(id))) {
    const blob = await store.get(key);
    if (blob !== undefined) yield blob.bytes;
  }
}

export async function* pinsOf({ store }: VaultContext, id: string): AsyncGenerator<Digest> {
  for await (const { key } of store.list(sessionPinsPrefix(id))) {
    const blob = await store.get(key);
    const bytes = blob?.bytes ?? Buffer.alloc(0);
    for (let at = 0; at + digestBytes <= bytes.length; at += digestBytes) yield digestAt(bytes, at);
  }
}

/** A torn record says nothing: then the vault's own lease holds, and it counts as a writer. */
function recordOf(bytes: Buffer | undefined): { readonly leaseMs?: number; readonly writer?: boolean } {
  try {
    const record = JSON.parse(bytes?.toString('utf8') ?? '{}') as {
      readonly leaseMs?: unknown;
      readonly kind?: unknown;
    };
    return {
      ...(typeof record.leaseMs === 'number' ? { leaseMs: record.leaseMs } : {}),
      writer: !readers.includes(record.kind),
    };
  } catch {
    return {};
  }
}
