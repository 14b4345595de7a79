/**
 * A small world for the property test: two regions, volumes, and processes that snapshot, clone, copy, delete and
 * collect at the same time. The test gives the turns; the world knows what every live snapshot must read as.
 */
import type { SnapshotId } from '../../../src/platform/ids.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { collect } from '../../../src/vault/collect/collect.ts';
import type { VaultContext } from '../../../src/vault/context.ts';
import { copySnapshot } from '../../../src/vault/copy/copy-snapshot.ts';
import { isVaultError } from '../../../src/vault/errors.ts';
import type { Geometry } from '../../../src/vault/format/geometry.ts';
import type { BlockSource, Extent } from '../../../src/vault/ingest/block-source.ts';
import { ingestSnapshot } from '../../../src/vault/ingest/ingest-snapshot.ts';
import { openSnapshot } from '../../../src/vault/read/open-snapshot.ts';
import { snapshotSource } from '../../../src/vault/read/snapshot-source.ts';
import { blockWorkers } from '../../../src/vault/work/block-workers.ts';
import { removeSnapshot } from '../../../src/vault/write/manifest-builder.ts';
import { type Memory, memory, memoryStore } from './memory-store.ts';

const geometry: Geometry = { blockBytes: 64, frameBytes: 32, leafEntries: 8 };
const blocks = 16;
/** Few places and few contents: what one snapshot drops, the next is likely to find again. */
const writable = [0, 1, 8, 9];
export const leaseTicks = 600;
const workers = blockWorkers({ geometry, threads: 0, slots: 8, niceness: 0 });

interface Volume {
  content: Buffer;
  parent: SnapshotId | undefined;
}

interface Actor {
  readonly name: string;
  readonly waiting: (() => void)[];
  frozen: boolean;
  dead: boolean;
  done: boolean;
}

export interface World {
  readonly regions: readonly Memory[];
  readonly clock: { ticks: number };
  /** Snapshots that somebody was told exist, and whose deletion nobody has asked for. */
  readonly live: Map<SnapshotId, { readonly region: number; readonly content: Buffer }>;
  readonly failures: unknown[];
  write(volume: number, block: number, letter: number): void;
  snapshot(volume: number): void;
  clone(nth: number, volume: number): void;
  remove(nth: number): void;
  copy(nth: number): void;
  collect(region: number, graceTicks?: number): void;
  kill(nth: number): void;
  freeze(nth: number, frozen: boolean): void;
  /** Lets `turns` requests happen, whose is chosen by `random` in [0, 1). */
  run(turns: number, random: () => number): Promise<void>;
  /** Lets only the nth process started go on, for so many requests in the order it made them; fewer where it ends. */
  only(nth: number, turns: number): Promise<void>;
  finish(random: () => number): Promise<void>;
  contextOf(region: number): VaultContext;
}

/** Failing is no loss: the caller asks again. */
const harmless = ['session-lost', 'unknown-snapshot', 'busy', 'missing'] as const;

export function makeWorld(): World {
  const clock = { ticks: 1 };
  const regions = [memory(clock), memory(clock)];
  const live = new Map<SnapshotId, { readonly region: number; readonly content: Buffer }>();
  const volumes: Volume[] = Array.from({ length: 2 }, () => ({
    content: Buffer.alloc(blocks * 64),
    parent: undefined,
  }));
  const actors: Actor[] = [];
  const failures: unknown[] = [];
  let ids = 0;
  const newId = () => `snap-${String(++ids).padStart(17, '0')}` as SnapshotId;
  const nthLive = (nth: number) => [...live][nth % Math.max(1, live.size)];

  function contextFor(region: number, turn: () => Promise<void>): VaultContext {
    return {
      regionName: `region-${region}`,
      store: memoryStore(regions[region] as Memory, turn),
      geometry,
      log: silentLog,
      background: workers,
      foreground: workers,
      leaseMs: leaseTicks,
    };
  }

  function start(name: string, work: (context: (region: number) => VaultContext) => Promise<void>): void {
    const actor: Actor = { name, waiting: [], frozen: false, dead: false, done: false };
    actors.push(actor);
    const turn = () => new Promise<void>((resolve) => actor.waiting.push(resolve));
    work((region) => contextFor(region, turn))
      .catch((error: unknown) => {
        const lossless = name === 'collect' ? isVaultError(error, 'busy') : isVaultError(error, ...harmless);
        if (!lossless) failures.push(error);
      })
      .finally(() => {
        actor.done = true;
      });
  }

  const running = () => actors.filter((actor) => !actor.done && !actor.dead);

  async function run(turns: number, random: () => number): Promise<void> {
    for (let n = 0; n < turns; n++) {
      // Everything that doesn't need a turn happens first.
      await new Promise((resolve) => setImmediate(resolve));
      const ready = running().filter((actor) => actor.waiting.length > 0 && !actor.frozen);
      const actor = ready[Math.floor(random() * ready.length)];
      if (actor === undefined) return;
      const [next] = actor.waiting.splice(Math.floor(random() * actor.waiting.length), 1);
      clock.ticks++;
      next?.();
    }
  }

  return {
    regions,
    clock,
    live,
    failures,
    write(volume, block, letter) {
      const at = (writable[block % writable.length] ?? 0) * 64;
      volumes[volume % volumes.length]?.content.fill(letter, at, at + 64);
    },
    snapshot(number) {
      const volume = volumes[number % volumes.length] as Volume;
      const snapshotId = newId();
      const content = Buffer.from(volume.content);
      const parent = volume.parent;
      const before = parent === undefined ? undefined : live.get(parent)?.content;
      const parentSnapshotId = before === undefined ? undefined : parent;
      start('snapshot', async (context) => {
        const request = { snapshotId, source: diskOf(content, before), vault: context(0) };
        await ingestSnapshot({ ...request, ...(parentSnapshotId === undefined ? {} : { parentSnapshotId }) });
        live.set(snapshotId, { region: 0, content });
        volume.parent = snapshotId;
      });
    },
    clone(nth, number) {
      const found = nthLive(nth);
      const volume = volumes[number % volumes.length];
      if (found === undefined || volume === undefined || found[1].region !== 0) return;
      volume.content = Buffer.from(found[1].content);
      volume.parent = found[0];
    },
    remove(nth) {
      const found = nthLive(nth);
      if (found === undefined) return;
      live.delete(found[0]);
      start('remove', (context) => removeSnapshot(context(found[1].region), found[0]));
    },
    copy(nth) {
      const found = nthLive(nth);
      if (found === undefined) return;
      const [snapshotId, { region, content }] = found;
      const copyId = newId();
      start('copy', async (context) => {
        await copySnapshot({ from: context(region), to: context(1 - region), snapshotId, copyId });
        live.set(copyId, { region: 1 - region, content });
      });
    },
    collect(region, graceTicks = 0) {
      start('collect', async (context) => {
        await collect({ vault: context(region), graceMs: graceTicks });
      });
    },
    kill(nth) {
      const actor = running()[nth % Math.max(1, running().length)];
      if (actor !== undefined) actor.dead = true;
    },
    freeze(nth, frozen) {
      const actor = running()[nth % Math.max(1, running().length)];
      if (actor !== undefined) actor.frozen = frozen;
    },
    run,
    async only(nth, turns) {
      for (let n = 0; n < turns; n++) {
        await new Promise((resolve) => setImmediate(resolve));
        const next = actors[nth]?.waiting.shift();
        if (next === undefined) return;
        clock.ticks++;
        next();
      }
    },
    async finish(random) {
      for (const actor of actors) actor.frozen = false;
      await run(Number.POSITIVE_INFINITY, random);
    },
    contextOf: (region) => contextFor(region, async () => undefined),
  };
}

/** A volume whose map names what differs from its parent. */
function diskOf(content: Buffer, parent: Buffer | undefined): BlockSource {
  return {
    sizeBytes: content.length,
    async *extents(): AsyncGenerator<Extent> {
      for (let offset = 0; offset < content.length; offset += 64) {
        const block = content.subarray(offset, offset + 64);
        const before = parent?.subarray(offset, offset + 64) ?? Buffer.alloc(64);
        if (!block.equals(before)) yield { offset, length: 64, data: block[0] !== 0 };
      }
    },
    async read(offset, length, into) {
      content.copy(into, 0, offset, offset + length);
    },
    close: async () => undefined,
  };
}

/** What a live snapshot reads as now. */
export async function readAll(context: VaultContext, snapshotId: SnapshotId): Promise<Buffer> {
  const source = snapshotSource(await openSnapshot(context, snapshotId));
  const content = Buffer.alloc(source.sizeBytes);
  await source.read(0, content.length, content);
  return content;
}
