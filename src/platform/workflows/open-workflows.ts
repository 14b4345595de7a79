/**
 * The engine. One process owns a home, so every run that is not at rest when it opens was left by one that ended:
 * all are taken up at once, without waiting for a lease.
 */
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import { driveRun } from './drive-run.ts';
import type { Journals } from './journal.ts';
import { type RunStore, runStore } from './run-store.ts';
import type { WorkflowTables } from './table.ts';
import { turns } from './turns.ts';
import { type AnyWorkflow, isAtRest, type Run } from './workflow.ts';
import type { Workflows } from './workflows.ts';

interface Active {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

const usualRetryMs = [500, 2_000, 8_000];

export async function openWorkflows<Schema extends WorkflowTables>(parts: {
  readonly db: Database<Schema>;
  readonly journals: Journals;
  readonly workflows: readonly AnyWorkflow[];
  readonly log: Log;
  readonly now: () => Date;
  readonly retryMs?: readonly number[];
}): Promise<Workflows> {
  const { journals, log } = parts;
  const store = runStore(parts.db, parts.now);
  const active = new Map<string, Active>();
  const kinds = new Map(
    parts.workflows.map((workflow) => [workflow.name, { workflow, turns: turns(workflow.limit) }]),
  );
  let closed = false;

  const drive = async (id: string, name: string) => {
    const kind = kinds.get(name);
    if (kind === undefined)
      throw new Error(`The run ${id} is of the workflow '${name}', which this version has not`);
    if (closed || active.has(id)) return;
    const controller = new AbortController();
    const { signal } = controller;
    const tell = (event: Parameters<Journals['append']>[1]) => journals.append(id, event);
    const work = async () => {
      const turn = await kind.turns.take({ signal, onWait: () => tell({ type: 'run', state: 'waiting' }) });
      try {
        if (signal.reason !== 'closing') {
          const retryMs = parts.retryMs ?? usualRetryMs;
          await driveRun({ store, workflow: kind.workflow, signal, tell, retryMs }, id);
        }
      } finally {
        turn.giveBack();
      }
    };
    const ended = work()
      .catch((error: unknown) =>
        log.error({ err: error, run: id }, 'A run could not be driven on; the next start tries again'),
      )
      .finally(() => active.delete(id));
    active.set(id, { controller, ended });
  };

  for (const id of await store.unfinished()) {
    const run = await store.find(id);
    if (run !== undefined) await drive(id, run.workflow);
  }

  return {
    journals,
    async start(workflow, { id, input }) {
      if (await store.insert({ id, workflow, input })) await drive(id, workflow);
    },
    async resume(id, input) {
      const run = await known(store, id);
      if (run.state !== 'held')
        throw new Error(`The run ${id} is ${run.state}; only a held one can be resumed`);
      await store.update(id, { state: 'running', failure: null, ...(input === undefined ? {} : { input }) });
      await drive(id, run.workflow);
    },
    async cancel(id) {
      active.get(id)?.controller.abort('cancelled');
      await active.get(id)?.ended;
      const run = await known(store, id);
      if (!needsEnding(run)) return;
      await store.update(id, { state: 'ending', outcome: outcomeOf(run) });
      await drive(id, run.workflow);
      await active.get(id)?.ended;
    },
    find: (id) => store.find(id),
    async settled(id) {
      for (;;) {
        await active.get(id)?.ended;
        const run = await known(store, id);
        if (isAtRest(run.state) || closed || !active.has(id)) return run;
      }
    },
    async close() {
      closed = true;
      const runs = [...active.values()];
      for (const { controller } of runs) controller.abort('closing');
      await Promise.all(runs.map(({ ended }) => ended));
      journals.close();
    },
  };
}

async function known(store: RunStore, id: string) {
  const run = await store.find(id);
  if (run === undefined) throw new Error(`There is no run ${id}`);
  return run;
}

function needsEnding(run: Run): boolean {
  return run.state === 'held' || run.leftOver.length > 0 || !isAtRest(run.state);
}

function outcomeOf({ state, failure }: Run): 'succeeded' | 'failed' | 'cancelled' {
  if (state === 'succeeded' || state === 'cancelled') return state;
  return failure === undefined ? 'cancelled' : 'failed';
}
