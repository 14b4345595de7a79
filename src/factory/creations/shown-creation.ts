/** A creation's row and run, and those of its retries, as people see them. */
import type { Run, RunState } from '../../platform/workflows/workflow.ts';
import type { RegionCopy } from '../sharing/copy-to-each.ts';
import type { Creation, CreationStatus, RegionResult, Sharing } from './creation.ts';
import type { CreationInput, CreationResults } from './creation-input.ts';
import type { CreationTable } from './table.ts';

export interface CreationNow {
  readonly row: CreationTable;
  readonly run: Run;
  /** Oldest first. */
  readonly retries: readonly Run[];
  /** Of the snapshots' bytes, while they are made. */
  readonly percent: number | undefined;
  readonly remainingMs: number | undefined;
  readonly now: Date;
}

export function shownCreation({ row, run, retries, percent, remainingMs, now }: CreationNow): Creation {
  const input = run.input as CreationInput;
  const result = resultsOf(run);
  const last = retries.at(-1) ?? run;
  const isGone = run.state === 'failed' || run.state === 'cancelled';
  const image = isGone ? undefined : result('image');
  const taken = isGone ? undefined : (image?.imageId ?? result('taken')?.imageId);
  const started = result('started');
  const proof = result('proof');
  const shared = result('share');
  const status = statusOf(last.state, taken !== undefined);
  return {
    id: row.id,
    kind: row.kind,
    ...(row.batch_id === null ? {} : { batchId: row.batch_id }),
    target: row.target,
    region: row.region,
    architecture: row.architecture,
    instanceId: row.instance_id,
    instanceName: input.instance.name,
    name: row.image_name,
    description: input.description,
    ...(row.template === null ? {} : { template: row.template, version: row.version }),
    ...(row.project === null ? {} : { project: row.project }),
    status,
    message: messageOf(last, status, percent),
    progress: status === 'completed' ? 100 : percentOf(run, percent),
    startedAt: row.created_at,
    ...(last.endedAt === undefined ? {} : { endedAt: last.endedAt }),
    elapsedMs: Date.parse(run.endedAt ?? now.toISOString()) - Date.parse(row.created_at),
    ...(remainingMs === undefined || status === 'completed' ? {} : { remainingMs }),
    ...(taken === undefined ? {} : { imageId: taken }),
    snapshotIds: image?.snapshotIds ?? [],
    ...(image === undefined
      ? {}
      : { sizeGiB: image.sizeGiB, storedBytes: image.bytes, consistency: image.consistency }),
    ...notRunning(started, image),
    ...(image?.consistency === 'filesystem' && image.freezeMs !== undefined
      ? { frozenMs: image.freezeMs }
      : {}),
    ...(proof === undefined ? {} : { proof }),
    regionResults: regionResults(input, { taken, status, copies: [run, ...retries].flatMap(copiesOf) }),
    ...(shared === undefined ? {} : { sharing: shared satisfies Sharing }),
    warnings: input.warnings,
    ...(input.registered?.writesTemplate === true && status === 'completed'
      ? { templateFile: input.registered.templateFile }
      : {}),
    ...(last.failure === undefined ? {} : { error: last.failure }),
    leftOver: [...run.leftOver, ...retries.flatMap(({ leftOver }) => leftOver)],
  };
}

/** A retry that fails leaves the image as good as it was. */
function statusOf(state: RunState, hasImage: boolean): CreationStatus {
  switch (state) {
    case 'succeeded':
      return 'completed';
    case 'failed':
    case 'cancelled':
    case 'held':
      return 'failed';
    case 'running':
    case 'ending':
      return hasImage ? 'in_progress' : 'pending';
    default:
      return state satisfies never;
  }
}

/** Of the snapshots' bytes; the last hundredth is what comes after them. */
function percentOf(run: Run, percent = 0): number {
  const isTaken = run.steps.some(({ name, state }) => name === 'image' && state !== 'running');
  return isTaken ? 99 : Math.min(99, percent);
}

const doing: Readonly<Partial<Record<string, string>>> = {
  base: 'Looking at the machine',
  stopped: 'Stopping the machine',
  taken: 'Taking the point in time',
  started: 'Starting the machine again',
  image: 'Creating snapshot',
  'proof access': 'Launching the new image',
  'proof machine': 'Launching the new image',
  proof: 'Proving the new image',
  copies: 'Copying to other regions',
};

function messageOf({ state, steps, failure }: Run, status: CreationStatus, percent = 0): string {
  if (status === 'completed') return 'The image is ready';
  if (state === 'cancelled') return 'Cancelled; all that it made is removed';
  if (failure !== undefined) return failure.message;
  const current = steps.findLast((step) => step.state === 'running')?.name ?? '';
  const words = doing[current] ?? (steps.length === 0 ? 'Waiting for its turn' : 'Announcing the image');
  return current === 'image' ? `${words} - ${percent}% complete` : words;
}

function notRunning(
  started: CreationResults['started'] | undefined,
  image: CreationResults['image'] | undefined,
): Pick<Creation, 'notRunningMs'> {
  if (started !== undefined && started !== null && 'notRunningMs' in started) return started;
  // Nobody tells how long a reboot by the target takes.
  if (image?.stallMs === undefined || image.consistency === 'rebooted') return {};
  return { notRunningMs: image.stallMs };
}

function regionResults(
  { region, copyTo }: CreationInput,
  {
    taken,
    status,
    copies,
  }: {
    readonly taken: string | undefined;
    readonly status: CreationStatus;
    readonly copies: readonly RegionCopy[];
  },
): Readonly<Record<string, RegionResult>> {
  const own = { region, status, ...(taken === undefined ? {} : { imageId: taken }) };
  const others = copyTo.map((each): readonly [string, RegionResult] => {
    // A later try counts.
    const copy = copies.findLast((made) => made.region === each);
    if (copy === undefined)
      return [each, { region: each, status: status === 'failed' ? 'failed' : 'pending' }];
    const { copyMs } = copy;
    if (copy.status === 'completed') {
      return [each, { region: each, imageId: copy.imageId, status: 'completed', copyMs }];
    }
    return [each, { region: each, status: 'failed', error: copy.error, copyMs }];
  });
  return Object.fromEntries([[region, own], ...others]);
}

function copiesOf(run: Run): readonly RegionCopy[] {
  const isGone = run.state === 'failed' || run.state === 'cancelled';
  return isGone ? [] : (resultsOf(run)('copies') ?? []);
}

function resultsOf(run: Run) {
  const results = new Map(run.steps.map(({ name, result }) => [name, result]));
  return <Name extends keyof CreationResults>(name: Name) =>
    results.get(name) as CreationResults[Name] | undefined;
}
