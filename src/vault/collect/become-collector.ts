/**
 * One collector at a time, by epoch: who creates the next epoch's object is the collector. Nothing depends on the
 * old one noticing: its late deletes name versions that `recover-collections.ts` has replaced.
 */
import { hostname } from 'node:os';
import { putJson, readJson } from '../blobs/blob-store.ts';
import type { VaultContext } from '../context.ts';
import { VaultError } from '../errors.ts';
import { collectorKey, collectorPrefix, epochText } from '../format/layout.ts';

export interface Collector {
  readonly epoch: number;
  /** When it began, by the store's clock. */
  readonly startedAtMs: number;
  /** False once another has taken over. */
  stillInCharge(): Promise<boolean>;
  finish(): Promise<void>;
}

const silenceMs = 60_000;

export async function becomeCollector({ store, log }: VaultContext): Promise<Collector> {
  const before = await latest();
  if (before !== undefined) {
    const record = (await readJson(store, before.key)) as { readonly state?: unknown } | undefined;
    const silentForMs = Date.now() - before.modifiedAtMs;
    if (record?.state === 'running' && silentForMs < silenceMs) throw busy(store.description);
  }
  const epoch = (before?.epoch ?? 0) + 1;
  const key = collectorKey(epoch);
  const record = { owner: `${hostname()}/${process.pid}`, startedAt: new Date().toISOString() };
  const running = Buffer.from(JSON.stringify({ ...record, state: 'running' }));
  if ((await store.put(key, running, { ifAbsent: true })) === 'exists') throw busy(store.description);
  await store.flush();
  const startedAtMs = (await store.head(key))?.modifiedAtMs ?? 0;
  const heartbeat = setInterval(() => {
    store
      .put(key, running)
      .catch((error: unknown) => log.warn({ error, epoch }, 'vault collector could not renew its lease'));
  }, silenceMs / 4);
  heartbeat.unref();

  async function latest() {
    let found: { readonly key: string; readonly epoch: number; readonly modifiedAtMs: number } | undefined;
    for await (const { key, modifiedAtMs } of store.list(collectorPrefix)) {
      const epoch = Number.parseInt(key.slice(collectorPrefix.length), 10);
      if (found === undefined || epoch > found.epoch) found = { key, epoch, modifiedAtMs };
    }
    return found;
  }

  return {
    epoch,
    startedAtMs,
    stillInCharge: async () => (await latest())?.epoch === epoch,
    async finish() {
      clearInterval(heartbeat);
      await putJson(store, key, { ...record, state: 'done' });
      for await (const old of store.list(collectorPrefix)) {
        if (old.key < `${collectorPrefix}${epochText(epoch)}`) await store.delete(old.key);
      }
    },
  };
}

function busy(where: string): VaultError {
  return new VaultError(
    'busy',
    `Another collection of ${where} is under way; try again when it has ended, or a minute after it died`,
  );
}
