import type { Kysely } from 'kysely';
import type { Outcome, RunState, StepState } from './workflow.ts';

export interface RunTable {
  id: string;
  workflow: string;
  input: string;
  state: RunState;
  /** What it ends as, from the moment that this is known. */
  outcome: Outcome | null;
  failed_step: string | null;
  failure: string | null;
  left_over: string;
  created_at: string;
  ended_at: string | null;
}

export interface RunStepTable {
  run_id: string;
  name: string;
  position: number;
  state: StepState;
  result: string | null;
  started_at: string;
  ms: number | null;
}

export interface WorkflowTables {
  workflow_runs: RunTable;
  workflow_steps: RunStepTable;
}

export async function createWorkflowTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('workflow_runs')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('workflow', 'text', (c) => c.notNull())
    .addColumn('input', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text')
    .addColumn('failed_step', 'text')
    .addColumn('failure', 'text')
    .addColumn('left_over', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('ended_at', 'text')
    .execute();
  await db.schema.createIndex('workflow_runs_state').on('workflow_runs').column('state').execute();
  await db.schema
    .createTable('workflow_steps')
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('result', 'text')
    .addColumn('started_at', 'text', (c) => c.notNull())
    .addColumn('ms', 'integer')
    .addPrimaryKeyConstraint('workflow_steps_key', ['run_id', 'name'])
    .execute();
}
