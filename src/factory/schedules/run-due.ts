/** Regular work: each piece is begun when its time has come, whatever the process did meanwhile. */
import type { Database } from '../../platform/database/database.ts';
import type { Log } from '../../platform/log.ts';
import type { ScheduleTables } from './table.ts';

export interface ScheduledWork {
  readonly name: string;
  readonly everyMs: number;
  run(signal: AbortSignal): Promise<void>;
}

export interface ScheduleParts {
  readonly db: Database<ScheduleTables>;
  readonly now: () => Date;
  readonly log: Log;
  readonly work: readonly ScheduledWork[];
}

/** One after another. What fails is logged, and waits for its next time. A home's first time is one interval away. */
export async function runDue(parts: ScheduleParts, signal: AbortSignal): Promise<void> {
  for (const work of parts.work) {
    if (signal.aborted || !(await begins(parts, work))) continue;
    try {
      await work.run(signal);
    } catch (error) {
      if (!signal.aborted) parts.log.error({ err: error, work: work.name }, 'Scheduled work failed');
    }
  }
}

/** Written down before it begins: what brings the process down is not begun again at once. */
async function begins({ db, now }: ScheduleParts, { name, everyMs }: ScheduledWork): Promise<boolean> {
  const at = now();
  return await db.write(async (tx) => {
    const last = await tx.selectFrom('schedules').selectAll().where('name', '=', name).executeTakeFirst();
    const isDue = last !== undefined && at.getTime() - Date.parse(last.began_at) >= everyMs;
    if (last !== undefined && !isDue) return false;
    await tx
      .insertInto('schedules')
      .values({ name, began_at: at.toISOString() })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ began_at: at.toISOString() }))
      .execute();
    return isDue;
  });
}
