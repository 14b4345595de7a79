/** How long a creation still takes: by the rate of its own bytes, and by what the last ones like it took. */
import type { Run } from '../../platform/workflows/workflow.ts';
import type { Factory } from '../factory.ts';
import type { CreationInput } from './creation-input.ts';
import { stepNames } from './step-names.ts';

/** Milliseconds by step, the median of the last creations on the same target. */
export type UsualTimes = ReadonlyMap<string, number>;

const lookedAt = 10;

export async function usualTimes(
  { db, workflows }: Pick<Factory, 'db' | 'workflows'>,
  { target, id }: { readonly target: string; readonly id: string },
): Promise<UsualTimes> {
  const rows = await db.read
    .selectFrom('creations')
    .innerJoin('workflow_runs', 'workflow_runs.id', 'creations.id')
    .select('creations.id')
    .where('creations.target', '=', target)
    .where('creations.id', '!=', id)
    .where('workflow_runs.state', '=', 'succeeded')
    .orderBy('creations.created_at', 'desc')
    .limit(lookedAt)
    .execute();
  const runs = await Promise.all(rows.map((row) => workflows.find(row.id)));
  const times = new Map<string, number[]>();
  for (const { name, ms } of runs.flatMap((run) => run?.steps ?? [])) {
    if (ms !== undefined) times.set(name, [...(times.get(name) ?? []), ms]);
  }
  return new Map([...times].map(([name, each]) => [name, median(each)]));
}

/** Undefined where one of the steps that are left was never taken before: a part of the time would be no answer. */
export function remainingMs(
  run: Pick<Run, 'input' | 'steps'>,
  usual: UsualTimes,
  { percent, now }: { readonly percent: number | undefined; readonly now: Date },
): number | undefined {
  const begun = new Map(run.steps.map((step) => [step.name, step]));
  let total = 0;
  for (const name of stepNames(run.input as CreationInput)) {
    const step = begun.get(name);
    if (step !== undefined && step.state !== 'running') continue;
    const spent = step === undefined ? 0 : now.getTime() - Date.parse(step.startedAt);
    const usually = usual.get(name);
    const left =
      (name === 'image' ? byRate(spent, percent) : undefined) ??
      (usually === undefined ? undefined : Math.max(0, usually - spent));
    if (left === undefined) return undefined;
    total += left;
  }
  return total;
}

function byRate(spentMs: number, percent: number | undefined): number | undefined {
  if (percent === undefined || percent <= 0 || percent >= 100) return undefined;
  return (spentMs * (100 - percent)) / percent;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
