import type { Kysely } from 'kysely';

export interface BudgetTable {
  project: string;
  /** US dollars. */
  per_month: number;
  /** What happens to an image that would go beyond it. */
  over: 'warn' | 'refuse';
  set_at: string;
  by: string;
}

/** How many blocks a snapshot has, or has beyond an older one: neither ever changes, and counting them takes calls. */
export interface SnapshotBlocksTable {
  target: string;
  region: string;
  snapshot_id: string;
  /** The older snapshot; empty where all blocks are counted. */
  beyond: string;
  blocks: number;
}

export interface CostTables {
  budgets: BudgetTable;
  snapshot_blocks: SnapshotBlocksTable;
}

export async function createCostTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('budgets')
    .addColumn('project', 'text', (c) => c.primaryKey())
    .addColumn('per_month', 'real', (c) => c.notNull())
    .addColumn('over', 'text', (c) => c.notNull())
    .addColumn('set_at', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('snapshot_blocks')
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('snapshot_id', 'text', (c) => c.notNull())
    .addColumn('beyond', 'text', (c) => c.notNull())
    .addColumn('blocks', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('snapshot_blocks_key', ['target', 'region', 'snapshot_id', 'beyond'])
    .execute();
}
