/** One run from where it stands to where it rests: forwards over its steps, then backwards over what they hold. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunStore, StoredRun } from './run-store.ts';
import type { AnyWorkflow, EngineEvent, RunEvent, RunFailure, StepContext } from './workflow.ts';

export interface Driver {
  readonly store: RunStore;
  readonly workflow: AnyWorkflow;
  /** Aborted with `'cancelled'` or `'closing'`. */
  readonly signal: AbortSignal;
  readonly tell: (event: EngineEvent | RunEvent) => void;
  /** Between attempts to let go of something. */
  readonly retryMs: readonly number[];
}

export async function driveRun(driver: Driver, id: string): Promise<void> {
  const found = await driver.store.find(id);
  if (found === undefined) return;
  const run = found.state === 'running' ? await forwards(driver, found) : found;
  if (run.state === 'ending') await backwards(driver, run);
}

async function forwards(driver: Driver, run: StoredRun): Promise<StoredRun> {
  const { store, signal, tell, workflow } = driver;
  const context = contextOf(driver, run);
  for (const [position, step] of workflow.steps(run.input).entries()) {
    if (context.isDone(step.name)) continue;
    if (signal.aborted) return await interrupted(driver, run);
    const began = performance.now();
    const ms = () => performance.now() - began;
    await store.beginStep(run.id, { name: step.name, position });
    tell({ type: 'step', step: step.name, state: 'began' });
    try {
      const result = await step.run(context);
      await store.finishStep(run.id, { name: step.name, state: 'done', result, ms: ms() });
      context.keep(step.name, result);
      tell({ type: 'step', step: step.name, state: 'done', ms: ms() });
    } catch (error) {
      if (signal.aborted) return await interrupted(driver, run);
      const message = messageOf(error);
      await store.finishStep(run.id, { name: step.name, state: 'failed', ms: ms() });
      tell({ type: 'step', step: step.name, state: 'failed', ms: ms(), message });
      return await failed(driver, run, { step: step.name, message });
    }
  }
  return await entered(driver, run, { state: 'ending', outcome: 'succeeded' });
}

async function failed(driver: Driver, run: StoredRun, failure: RunFailure): Promise<StoredRun> {
  const holds = driver.workflow.holds?.(run.input) ?? false;
  if (!holds) return await entered(driver, run, { state: 'ending', outcome: 'failed', failure });
  await driver.workflow.rests?.(contextOf(driver, run), { state: 'held', failure });
  return await entered(driver, run, { state: 'held', failure });
}

/** A process that ends leaves the run as it is. */
async function interrupted(driver: Driver, run: StoredRun): Promise<StoredRun> {
  if (driver.signal.reason !== 'cancelled') return run;
  return await entered(driver, run, { state: 'ending', outcome: 'cancelled' });
}

async function entered(
  { store, tell }: Driver,
  run: StoredRun,
  change: Pick<StoredRun, 'state' | 'outcome' | 'failure'>,
): Promise<StoredRun> {
  await store.update(run.id, change);
  tell({ type: 'run', state: change.state, ...(change.failure && { message: change.failure.message }) });
  return (await store.find(run.id)) ?? run;
}

async function backwards(driver: Driver, run: StoredRun): Promise<void> {
  const { store, tell, workflow } = driver;
  const outcome = run.outcome ?? 'failed';
  // A cancelled run lets go of everything all the same: only the end of the process stops this.
  const context = contextOf({ ...driver, signal: closingOnly(driver.signal) }, run);
  const begun = new Map(run.steps.map((step) => [step.name, step.state]));
  const leftOver: RunFailure[] = [];
  for (const step of workflow.steps(run.input).toReversed()) {
    const state = begun.get(step.name);
    if (state === undefined || state === 'ended') continue;
    try {
      if (outcome !== 'succeeded') await repeated(driver, () => step.undo?.(context));
      await repeated(driver, () => step.release?.(context));
      await store.endStep(run.id, step.name);
      if (step.undo !== undefined || step.release !== undefined)
        tell({ type: 'step', step: step.name, state: 'ended' });
    } catch (error) {
      if (driver.signal.aborted && driver.signal.reason !== 'cancelled') return;
      leftOver.push({ step: step.name, message: messageOf(error) });
    }
  }
  const { failure } = run;
  await workflow.rests?.(context, { state: outcome, ...(failure === undefined ? {} : { failure }) });
  await store.update(run.id, { state: outcome, leftOver, ended: true });
  tell({ type: 'run', state: outcome });
}

/** What can't be let go of now often can a moment later: a group whose machine is still ending. */
async function repeated(driver: Driver, work: () => Promise<void> | undefined): Promise<void> {
  for (const wait of [...driver.retryMs, undefined]) {
    try {
      await work();
      return;
    } catch (error) {
      if (wait === undefined || closingOnly(driver.signal).aborted) throw error;
      await delay(wait);
    }
  }
}

function closingOnly(signal: AbortSignal): AbortSignal {
  if (signal.aborted) return signal.reason === 'cancelled' ? new AbortController().signal : signal;
  const controller = new AbortController();
  signal.addEventListener('abort', () => {
    if (signal.reason !== 'cancelled') controller.abort(signal.reason);
  });
  return controller.signal;
}

interface KeptContext extends StepContext<unknown, Record<string, unknown>> {
  isDone(step: string): boolean;
  keep(step: string, result: unknown): void;
}

function contextOf({ signal, tell }: Driver, run: StoredRun): KeptContext {
  const done = new Map(
    run.steps.filter(({ state }) => state !== 'running' && state !== 'failed').map((s) => [s.name, s.result]),
  );
  return {
    runId: run.id,
    input: run.input,
    signal,
    tell,
    isDone: (step) => done.has(step),
    keep: (step, result) => void done.set(step, result),
    saved: (step) => done.get(step),
    result(step) {
      if (!done.has(step)) throw new Error(`The step '${step}' of ${run.id} has no result yet`);
      return done.get(step);
    },
  };
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${messageOf(error.cause)}` : error.message;
}
