/** The rows of runs and their steps. */
import type { Database } from '../database/database.ts';
import type { WorkflowTables } from './table.ts';
import type { Outcome, Run, RunFailure, RunState, RunStep } from './workflow.ts';

export interface RunStore {
  /** False where a run has this id already. */
  insert(run: { readonly id: string; readonly workflow: string; readonly input: unknown }): Promise<boolean>;
  find(id: string): Promise<StoredRun | undefined>;
  /** Those that were not at rest when the process ended, oldest first. */
  unfinished(): Promise<readonly string[]>;
  update(id: string, change: RunChange): Promise<void>;
  beginStep(id: string, step: Pick<RunStep, 'name'> & { readonly position: number }): Promise<void>;
  finishStep(
    id: string,
    step: Pick<RunStep, 'name' | 'state'> & { readonly result?: unknown; readonly ms: number },
  ): Promise<void>;
  endStep(id: string, name: string): Promise<void>;
}

export interface StoredRun extends Run {
  readonly outcome?: Outcome;
}

export interface RunChange {
  readonly state: RunState;
  readonly outcome?: Outcome | null;
  readonly failure?: RunFailure | null;
  readonly leftOver?: readonly RunFailure[];
  readonly input?: unknown;
  readonly ended?: boolean;
}

export function runStore<Schema extends WorkflowTables>(
  database: Database<Schema>,
  now: () => Date,
): RunStore {
  // Kysely can't see through a type parameter; the tables are these.
  const db = database as unknown as Database<WorkflowTables>;
  const time = () => now().toISOString();
  return {
    async insert({ id, workflow, input }) {
      const row = {
        id,
        workflow,
        input: JSON.stringify(input),
        state: 'running' as const,
        outcome: null,
        failed_step: null,
        failure: null,
        left_over: '[]',
        created_at: time(),
        ended_at: null,
      };
      return await db.write(async (tx) => {
        const inserted = tx
          .insertInto('workflow_runs')
          .values(row)
          .onConflict((c) => c.doNothing());
        return (await inserted.executeTakeFirst()).numInsertedOrUpdatedRows === 1n;
      });
    },
    find: (id) => findRun(db, id),
    async unfinished() {
      const rows = db.read
        .selectFrom('workflow_runs')
        .select('id')
        .where('state', 'in', ['running', 'ending']);
      return (await rows.orderBy('created_at').orderBy('id').execute()).map(({ id }) => id);
    },
    async update(id, { state, outcome, failure, leftOver, input, ended }) {
      const change = {
        state,
        ...(outcome === undefined ? {} : { outcome }),
        ...(failure === undefined
          ? {}
          : { failed_step: failure?.step ?? null, failure: failure?.message ?? null }),
        ...(leftOver === undefined ? {} : { left_over: JSON.stringify(leftOver) }),
        ...(input === undefined ? {} : { input: JSON.stringify(input) }),
        ...(ended === undefined ? {} : { ended_at: ended ? time() : null }),
      };
      await db.write((tx) => tx.updateTable('workflow_runs').set(change).where('id', '=', id).execute());
    },
    async beginStep(id, { name, position }) {
      const begun = { position, state: 'running' as const, result: null, started_at: time(), ms: null };
      await db.write((tx) =>
        tx
          .insertInto('workflow_steps')
          .values({ run_id: id, name, ...begun })
          .onConflict((c) => c.columns(['run_id', 'name']).doUpdateSet(begun))
          .execute(),
      );
    },
    async finishStep(id, { name, state, result, ms }) {
      const done = {
        state,
        result: result === undefined ? null : JSON.stringify(result),
        ms: Math.round(ms),
      };
      await db.write((tx) =>
        tx
          .updateTable('workflow_steps')
          .set(done)
          .where('run_id', '=', id)
          .where('name', '=', name)
          .execute(),
      );
    },
    async endStep(id, name) {
      await db.write((tx) =>
        tx
          .updateTable('workflow_steps')
          .set({ state: 'ended' })
          .where('run_id', '=', id)
          .where('name', '=', name)
          .execute(),
      );
    },
  };
}

async function findRun(db: Database<WorkflowTables>, id: string): Promise<StoredRun | undefined> {
  const row = await db.read.selectFrom('workflow_runs').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  const steps = await db.read
    .selectFrom('workflow_steps')
    .selectAll()
    .where('run_id', '=', id)
    .orderBy('position')
    .execute();
  return {
    id,
    workflow: row.workflow,
    state: row.state,
    input: JSON.parse(row.input),
    ...(row.outcome === null ? {} : { outcome: row.outcome }),
    ...(row.failed_step === null ? {} : { failure: { step: row.failed_step, message: row.failure ?? '' } }),
    leftOver: JSON.parse(row.left_over) as readonly RunFailure[],
    createdAt: row.created_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    steps: steps.map((step) => ({
      name: step.name,
      state: step.state,
      ...(step.result === null ? {} : { result: JSON.parse(step.result) as unknown }),
      startedAt: step.started_at,
      ...(step.ms === null ? {} : { ms: step.ms }),
    })),
  };
}
