/**
 * A session is what a writer (or a long reader) tells the collector: it is opened before the first look at what is
 * stored, it names the manifests that must stay readable (roots) and the chunks that the writer found and will refer
 * to (pins). The collector deletes nothing that an open session may refer to. It ends a session that has fallen
 * silent by deleting its `open` object; the writer looks for that object after its last write, so one of the two
 * always sees the other. docs/decisions/vault-collection.md gives the whole argument.
 */
import { randomBytes } from 'node:crypto';
import { putJson } from '../blobs/blob-store.ts';
import type { VaultContext } from '../context.ts';
import { VaultError } from '../errors.ts';
import type { Digest } from '../format/digest.ts';
import {
  sessionAliveKey,
  sessionOpenKey,
  sessionPinsPrefix,
  sessionPrefix,
  sessionRootsPrefix,
} from '../format/layout.ts';

export type SessionKind = 'ingest' | 'write' | 'copy' | 'serve' | 'restore';

export interface Session {
  readonly id: string;
  /** Keeps everything that this manifest refers to. */
  hold(manifest: Buffer): Promise<void>;
  /** Keeps these chunks; `name` makes it repeatable. */
  pin(digests: readonly Digest[], name?: string): Promise<void>;
  /** Throws 'session-lost' where the collector has ended it. */
  assertOpen(): Promise<void>;
  close(): Promise<void>;
  /** Lets it be without ending it: another process goes on with the same id. */
  leave(): void;
}

export interface SessionOptions {
  readonly kind: SessionKind;
  /** Of a session that outlives its process; random otherwise. */
  readonly id?: string;
  readonly leaseMs?: number;
}

export async function openSession(context: VaultContext, options: SessionOptions): Promise<Session> {
  const { store } = context;
  const id = options.id ?? `${options.kind}-${randomBytes(8).toString('hex')}`;
  const leaseMs = options.leaseMs ?? context.leaseMs;
  const record = { kind: options.kind, leaseMs, openedAt: new Date().toISOString(), process: process.pid };
  await store.put(sessionOpenKey(id), Buffer.from(JSON.stringify(record)), { ifAbsent: true });
  await sayAlive();
  await store.flush();
  let parts = 0;

  function sayAlive(): Promise<void> {
    return putJson(store, sessionAliveKey(id), { at: new Date().toISOString() });
  }

  const heartbeat = setInterval(() => {
    sayAlive().catch((error: unknown) =>
      context.log.warn({ error, session: id }, 'vault session could not renew its lease'),
    );
  }, leaseMs / 3);
  heartbeat.unref();

  return {
    id,
    async hold(manifest) {
      await store.put(`${sessionRootsPrefix(id)}${++parts}`, manifest);
      await store.flush();
    },
    async pin(digests, name) {
      const bytes = Buffer.from(digests.join(''), 'hex');
      await store.put(`${sessionPinsPrefix(id)}${name ?? ++parts}`, bytes);
      await store.flush();
    },
    async assertOpen() {
      if ((await store.head(sessionOpenKey(id))) === undefined) {
        throw new VaultError(
          'session-lost',
          `Session ${id} was silent for more than ${leaseMs} ms, so the collector ended it; ask again, what is stored is used`,
        );
      }
    },
    async close() {
      clearInterval(heartbeat);
      await removeSession(context, id);
    },
    leave: () => clearInterval(heartbeat),
  };
}

/** `open` goes first: from then on nobody counts on the rest. */
export async function removeSession({ store }: Pick<VaultContext, 'store'>, id: string): Promise<void> {
  await store.delete(sessionOpenKey(id));
  for await (const { key } of store.list(sessionPrefix(id))) await store.delete(key);
}

/** Runs `work` inside a session and closes it whatever happens. */
export async function withSession<T>(
  context: VaultContext,
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(context, options);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
