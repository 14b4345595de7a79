import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { silentLog } from '../log.ts';
import { type JournalEntry, openJournals } from './journal.ts';
import { openWorkflows } from './open-workflows.ts';
import { createWorkflowTables, type WorkflowTables } from './table.ts';
import { type KillPoints, killPoints } from './testing/kill-points.ts';
import { defined, type Workflow } from './workflow.ts';
import type { Workflows } from './workflows.ts';

interface Input {
  readonly failAt?: string;
  readonly hold?: boolean;
  readonly slow?: boolean;
}

interface Results {
  machine: { readonly id: string };
  work: { readonly product: string };
  image: { readonly id: string };
}

let directory: string;
let db: Database<WorkflowTables>;
let workflows: Workflows;
/** What exists outside of the process. */
let world: Set<string>;
let ran: string[];
const unkilled = killPoints();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-workflows-'));
  world = new Set();
  ran = [];
  await open(unkilled);
});

afterEach(async () => {
  await workflows.close();
  await db.close();
  await rm(directory, { recursive: true });
});

async function open(kill: KillPoints): Promise<void> {
  db = await openDatabase<WorkflowTables>(join(directory, 'w.db'), {
    '0001': { up: (each) => createWorkflowTables(each as never) },
  });
  const now = () => new Date();
  workflows = await openWorkflows({
    db: kill.database(db),
    journals: openJournals(directory, now),
    workflows: [defined(making(kill))],
    log: silentLog,
    now,
    retryMs: [1],
  });
}

async function reopen(kill = unkilled): Promise<void> {
  await workflows.close();
  await db.close();
  await open(kill);
}

/** Makes a machine, works on it, makes an image of it; the machine goes, the image stays. */
function making(kill: KillPoints): Workflow<Input, Results> {
  const act = (name: string, input: Input, work: () => void) =>
    kill.watched(async () => {
      ran.push(name);
      work();
      if (input.failAt === name) throw new Error(`${name} broke`);
    });
  return {
    name: 'making',
    limit: 2,
    holds: ({ hold }) => hold === true,
    steps: () => [
      {
        name: 'machine',
        run: async ({ runId, input }) => {
          await act('machine', input, () => world.add(`machine ${runId}`));
          return { id: `machine ${runId}` };
        },
        release: async ({ runId }) => kill.watched(async () => void world.delete(`machine ${runId}`)),
      },
      {
        name: 'work',
        run: async ({ result, input, signal }) => {
          if (input.slow) await delay(60_000, undefined, { signal });
          await act('work', input, () => undefined);
          return { product: `of ${result('machine').id}` };
        },
      },
      {
        name: 'image',
        run: async ({ runId, input }) => {
          await act('image', input, () => world.add(`image ${runId}`));
          return { id: `image ${runId}` };
        },
        undo: async ({ runId }) => kill.watched(async () => void world.delete(`image ${runId}`)),
      },
    ],
  };
}

async function run(input: Input = {}, id = 'r1') {
  await workflows.start('making', { id, input });
  return await workflows.settled(id);
}

test('steps run in order, see the results before them, and what is held is released at the end', async () => {
  const done = await run();
  expect(done.state).toBe('succeeded');
  expect(done.steps.find(({ name }) => name === 'work')?.result).toEqual({ product: 'of machine r1' });
  expect([...world]).toEqual(['image r1']);
});

test.each(['machine', 'work', 'image'])(
  'a run that fails at %s leaves nothing and says where',
  async (failAt) => {
    const failed = await run({ failAt });
    expect(failed).toMatchObject({ state: 'failed', failure: { step: failAt, message: `${failAt} broke` } });
    expect(world.size).toBe(0);
  },
);

test('a held run keeps what it has, is resumed at the step that failed, and runs no step twice', async () => {
  expect((await run({ failAt: 'image', hold: true })).state).toBe('held');
  expect(world.has('machine r1')).toBe(true);
  await workflows.resume('r1', { hold: true });
  expect((await workflows.settled('r1')).state).toBe('succeeded');
  expect(ran).toEqual(['machine', 'work', 'image', 'image']);
  expect([...world]).toEqual(['image r1']);
});

test('cancelling a held run lets go of everything', async () => {
  await run({ failAt: 'image', hold: true });
  await workflows.cancel('r1');
  expect((await workflows.find('r1'))?.state).toBe('failed');
  expect(world.size).toBe(0);
});

test('a cancellation is heard inside a step', async () => {
  await workflows.start('making', { id: 'r1', input: { slow: true } });
  await began('work');
  await workflows.cancel('r1');
  expect((await workflows.find('r1'))?.state).toBe('cancelled');
  expect(world.size).toBe(0);
});

test('a process that ends interrupts its runs, and the next one takes them up at once', async () => {
  await workflows.start('making', { id: 'r1', input: { slow: true } });
  await began('work');
  await reopen();
  expect((await workflows.find('r1'))?.state).toBe('running');
  await workflows.cancel('r1');
  expect(world.size).toBe(0);
});

test('a bound holds: those beyond it wait, and a waiting one can be cancelled', async () => {
  for (const id of ['a', 'b', 'c']) await workflows.start('making', { id, input: { slow: true } });
  await began('work', 'b');
  expect((await workflows.find('c'))?.steps).toEqual([]);
  await workflows.cancel('c');
  expect((await workflows.find('c'))?.state).toBe('cancelled');
  await workflows.cancel('a');
  await workflows.cancel('b');
});

test('a run of the same id is not started twice', async () => {
  await run();
  await run();
  expect(ran).toEqual(['machine', 'work', 'image']);
});

test.each([{}, { failAt: 'image' }, { failAt: 'machine' }])(
  'killed anywhere, the next process ends what was begun as if nothing had happened: %o',
  async (input) => {
    for (let step = 1; ; step += 1) {
      const id = `r${step}`;
      const kill = killPoints();
      await reopen(kill);
      world.clear();
      kill.arm(step);
      const outcome = await workflows.start('making', { id, input }).then(
        () => workflows.settled(id),
        () => undefined,
      );
      const struck = kill.struck;
      await reopen();
      const known = await workflows.find(id);
      if (known === undefined) continue;
      const settled = await workflows.settled(id);
      expect(settled.state).toBe('failAt' in input ? 'failed' : 'succeeded');
      expect([...world]).toEqual('failAt' in input ? [] : [`image ${id}`]);
      if (!struck) {
        expect(outcome?.state).toBe(settled.state);
        break;
      }
    }
  },
);

test('a follower sees all that was told, goes on from a place, and ends with the run', async () => {
  await run();
  const { signal } = new AbortController();
  const goesOn = async () => false;
  const seen: JournalEntry[] = [];
  for await (const entry of workflows.journals.follow('r1', { goesOn, signal })) seen.push(entry);
  expect(seen.at(-1)?.event).toMatchObject({ type: 'run', state: 'succeeded' });
  const rest = await workflows.journals.read('r1', seen[1]?.next);
  expect(rest).toEqual(seen.slice(2));
});

async function began(step: string, id = 'r1'): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  for await (const { event } of workflows.journals.follow(id, { goesOn: async () => true, signal })) {
    if (event.type === 'step' && event.step === step) return;
  }
  throw new Error(`${step} never began`);
}
