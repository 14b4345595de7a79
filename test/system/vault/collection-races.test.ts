/**
 * A writer that refers to what a collector is about to delete, stopped at every one of its requests, while the
 * collector is stopped at every one of its own. Each pair of places is tried; the random interleavings can't promise
 * to meet the one that matters.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { leaseTicks, makeWorld, readAll, type World } from './world.ts';

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterAll(() => {
  vi.useRealTimers();
});

const whole = 10_000;

async function expectLiveReadable(world: World, where: string): Promise<void> {
  expect(world.failures, where).toEqual([]);
  for (const [snapshotId, { region, content }] of world.live) {
    expect(
      (await readAll(world.contextOf(region), snapshotId)).equals(content),
      `${snapshotId}, ${where}`,
    ).toBe(true);
  }
}

interface Scene {
  readonly world: World;
  /** Process numbers, in the order in which they were started. */
  readonly writer: number;
  readonly collectors: readonly number[];
}

/** A snapshot was deleted; its chunks lie about. The writer takes a snapshot with the same content. */
async function contentOfDeletedSnapshot(graceTicks: number): Promise<Scene> {
  const world = makeWorld();
  for (const block of [0, 1, 2]) world.write(0, block, 1);
  world.snapshot(0);
  await world.only(0, whole);
  world.remove(0);
  await world.only(1, whole);
  for (const block of [0, 1, 2]) world.write(1, block, 1);
  world.snapshot(1);
  world.collect(0);
  world.collect(0, graceTicks);
  return { world, writer: 2, collectors: [3, 4] };
}

/** The writer builds on a parent that is deleted while it works. */
async function parentDeletedMeanwhile(afterRequests: number, graceTicks: number): Promise<Scene> {
  const world = makeWorld();
  for (const block of [0, 1, 2]) world.write(0, block, 1);
  world.snapshot(0);
  await world.only(0, whole);
  world.write(0, 0, 2);
  world.snapshot(0);
  await world.only(1, afterRequests);
  world.remove(0);
  await world.only(2, whole);
  world.collect(0);
  world.collect(0, graceTicks);
  return { world, writer: 1, collectors: [3, 4] };
}

const longGrace = 1_000_000;
const orders = [
  { name: 'one collector', late: false, expire: false, graceTicks: 0 },
  { name: 'a collector that stalls while a second one runs', late: true, expire: false, graceTicks: 0 },
  {
    name: 'a stalled collector, and a second one that leaves what it announced',
    late: true,
    expire: false,
    graceTicks: longGrace,
  },
  { name: 'a writer whose lease has run out', late: false, expire: true, graceTicks: 0 },
  {
    name: 'a stalled collector and a writer whose lease has run out',
    late: true,
    expire: true,
    graceTicks: 0,
  },
];

describe.each(orders)('$name', ({ late, expire, graceTicks }) => {
  /** Writer, collector, (second collector), writer to its end, collector to its end. */
  async function play({ world, writer, collectors: [first = 0, second = 0] }: Scene, i: number, j: number) {
    await world.only(writer, i);
    if (expire) world.clock.ticks += leaseTicks + 1;
    await world.only(first, j);
    if (late) await world.only(second, whole);
    await world.only(writer, whole);
    await world.only(first, whole);
    await world.only(second, whole);
    await expectLiveReadable(world, `writer stopped at ${i}, collector at ${j}`);
  }

  test('never takes what a new snapshot of the same content refers to', async () => {
    for (let i = 0; i < 26; i++)
      for (let j = i % 2; j < 40; j += 2) await play(await contentOfDeletedSnapshot(graceTicks), i, j);
  });

  test('never takes what a child of a deleted parent refers to', async () => {
    for (let i = 0; i < 26; i += 1) {
      for (let j = 0; j < 40; j += 2) {
        const scene = await parentDeletedMeanwhile(i, graceTicks);
        await play(scene, 0, j);
        const later = await parentDeletedMeanwhile(Math.floor(i / 2), graceTicks);
        await play(later, i - Math.floor(i / 2), j);
      }
    }
  });
});
