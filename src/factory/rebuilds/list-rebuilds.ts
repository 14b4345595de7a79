import type { RunState } from '../../platform/workflows/workflow.ts';
import type { Factory } from '../factory.ts';
import type { RebuildInput } from './rebuild.ts';
import { rebuildWorkflowName } from './rebuild-workflow.ts';

export interface Rebuild
  extends Pick<RebuildInput, 'target' | 'region' | 'architecture' | 'version' | 'buildId' | 'why'> {
  readonly id: string;
  readonly template: string;
  readonly channel: string;
  readonly state: RunState;
  readonly error?: string;
  readonly createdAt: string;
  readonly endedAt?: string;
}

/** Newest first. */
export async function listRebuilds(
  { db }: Pick<Factory, 'db'>,
  { limit }: { readonly limit: number },
): Promise<readonly Rebuild[]> {
  const rows = await db.read
    .selectFrom('workflow_runs')
    .select(['id', 'input', 'state', 'failed_step', 'failure', 'created_at', 'ended_at'])
    .where('workflow', '=', rebuildWorkflowName)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => {
    const { template, promoteTo, build: _, ...input } = JSON.parse(row.input) as RebuildInput;
    return {
      ...input,
      id: row.id,
      template: template.slug,
      channel: promoteTo,
      state: row.state,
      ...(row.failure === null ? {} : { error: `${row.failed_step}: ${row.failure}` }),
      createdAt: row.created_at,
      ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    };
  });
}
