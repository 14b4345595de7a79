/**
 * The promise that matters most: whatever happens at the same time, and whoever dies in the middle of it, every
 * snapshot that somebody was told exists reads as it was taken, and nothing is left over.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { collect } from '../../../src/vault/collect/collect.ts';
import { openSnapshot } from '../../../src/vault/read/open-snapshot.ts';
import { leaseTicks, makeWorld, readAll, type World } from './world.ts';

// Heartbeats would come by real time, which this world does not have: every session may expire.
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterAll(() => {
  vi.useRealTimers();
});

const actions = {
  write: 8,
  snapshot: 10,
  clone: 2,
  remove: 9,
  copy: 3,
  collect: 8,
  kill: 2,
  freeze: 4,
  thaw: 4,
  wait: 1,
} as const;
type Action = keyof typeof actions;

interface Step {
  readonly action: Action;
  /** Which volume, snapshot, region or process. */
  readonly which: number;
  readonly block: number;
  readonly letter: number;
  /** Requests that happen before the next step. */
  readonly turns: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  action: fc.oneof(
    ...Object.entries(actions).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as Action) })),
  ),
  which: fc.nat(9),
  block: fc.nat(3),
  letter: fc.nat(2),
  turns: fc.oneof(fc.constant(0), fc.nat(12), fc.nat(60)),
});

function perform(world: World, { action, which, block, letter }: Step): void {
  if (action === 'write') world.write(which, block, letter);
  else if (action === 'snapshot') world.snapshot(which);
  else if (action === 'clone') world.clone(which, block);
  else if (action === 'remove') world.remove(which);
  else if (action === 'copy') world.copy(which);
  else if (action === 'collect') world.collect(which < 7 ? 0 : 1);
  else if (action === 'kill') world.kill(which);
  else if (action === 'freeze' || action === 'thaw') world.freeze(which, action === 'freeze');
  else world.clock.ticks += leaseTicks + 1;
}

async function expectAllReadable(world: World): Promise<void> {
  expect(world.failures).toEqual([]);
  for (const [snapshotId, { region, content }] of world.live) {
    const found = await readAll(world.contextOf(region), snapshotId);
    expect(found.equals(content), `${snapshotId} reads as it was taken`).toBe(true);
  }
}

/** With everybody gone, two collections leave exactly what the live snapshots refer to. */
async function expectNothingLeftOver(world: World): Promise<void> {
  for (const [region, { objects }] of world.regions.entries()) {
    for (let n = 0; n < 2; n++) {
      world.clock.ticks += leaseTicks * 3;
      await collect({ vault: world.contextOf(region), graceMs: 0 });
    }
    const referred = new Set<string>();
    for (const key of objects.keys()) {
      if (!key.endsWith('/manifest')) continue;
      const snapshot = await openSnapshot(world.contextOf(region), key.split('/')[1] as never);
      for (const leaf of snapshot.manifest.leaves) {
        referred.add(leaf.digest);
        for (const digest of (await snapshot.leaf(leaf.index)) ?? [])
          if (digest !== undefined) referred.add(digest);
      }
    }
    const chunks = [...objects.keys()]
      .filter((key) => key.startsWith('chunks/'))
      .map((key) => key.split('/')[3]);
    expect(new Set(chunks)).toEqual(referred);
    expect([...objects.keys()].filter((key) => /^(sessions|collections)\//.test(key))).toEqual([]);
  }
}

test('any interleaving of writers, copies, deletions, collections, stalls and kills keeps every live snapshot', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }),
      fc.nat(),
      async (steps, seed) => {
        const random = evenly(seed);
        const world = makeWorld();
        for (const next of steps) {
          perform(world, next);
          await world.run(next.turns, random);
        }
        await expectAllReadable(world);
        await world.finish(random);
        await expectAllReadable(world);
        await expectNothingLeftOver(world);
        await expectAllReadable(world);
      },
    ),
    { numRuns: 1500 },
  );
});

/** Even numbers in [0, 1), the same for the same seed: every order of turns is as likely as any other. */
function evenly(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
