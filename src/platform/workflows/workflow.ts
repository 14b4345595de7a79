/**
 * Durable work: a list of named steps whose results are saved, so that a run goes on where it was when the process
 * ended. A step that was running is run again, so each must find what it did before. The end runs backwards over
 * all steps that were begun: `undo` where the run did not succeed, `release` always.
 */
export type RunState =
  /** Its steps run, or wait for their turn. */
  | 'running'
  /** The steps are over; what they hold is let go of. */
  | 'ending'
  /** A step failed and everything was kept as it is: resumed or cancelled later. */
  | 'held'
  | Outcome;

export type Outcome = 'succeeded' | 'failed' | 'cancelled';

export interface Workflow<Input, Results> {
  readonly name: string;
  /** The same input gives the same steps. Names are unique in a run. */
  steps(input: Input): readonly Step<Input, Results>[];
  /** Whether a failed run keeps what it has. */
  holds?(input: Input): boolean;
  /** Heard before a run is seen to rest, so that who must hear of it does; and again where the process ended there. */
  rests?(context: StepContext<Input, Results>, rest: Rest): Promise<void>;
  /** How many run at a time; the others wait in the order they came. */
  readonly limit: number;
}

/** Inputs and results are JSON to the engine; a workflow's own types hold inside its steps. */
export type AnyWorkflow = Workflow<unknown, Record<string, unknown>>;

/** What the workflow stored as its input is what it gets back, so its types hold across the engine. */
export function defined<Input, Results>(workflow: Workflow<Input, Results>): AnyWorkflow {
  return workflow as unknown as AnyWorkflow;
}

export type Step<Input, Results> = {
  [Name in keyof Results & string]: {
    readonly name: Name;
    /** What it answers is stored as JSON. It is heard on the next run too: throw the signal's reason when aborted. */
    run(context: StepContext<Input, Results>): Promise<Results[Name]>;
    /** Takes back what `run` did or half did. */
    undo?(context: StepContext<Input, Results>): Promise<void>;
    /** Gives back what it holds, whatever the outcome. */
    release?(context: StepContext<Input, Results>): Promise<void>;
  };
}[keyof Results & string];

export interface StepContext<Input, Results> {
  readonly runId: string;
  readonly input: Input;
  /** Aborted when the run is cancelled or the process ends. */
  readonly signal: AbortSignal;
  /** Of a step before this one; undefined where it has none. */
  saved<Name extends keyof Results & string>(step: Name): Results[Name] | undefined;
  /** The same; throws where it has none. */
  result<Name extends keyof Results & string>(step: Name): Results[Name];
  /** Tells whoever follows the run; kept in its journal. */
  tell(event: RunEvent): void;
}

/** Anything with a type; `step` and `run` are the engine's own. */
export interface RunEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

export type EngineEvent =
  | {
      readonly type: 'step';
      readonly step: string;
      readonly state: 'began' | 'done' | 'failed' | 'ended';
      readonly ms?: number;
      readonly message?: string;
    }
  | { readonly type: 'run'; readonly state: RunState | 'waiting'; readonly message?: string };

/** How a run comes to rest. */
export interface Rest {
  readonly state: 'held' | Outcome;
  readonly failure?: RunFailure;
}

export interface RunFailure {
  readonly step: string;
  readonly message: string;
}

export interface Run {
  readonly id: string;
  readonly workflow: string;
  readonly state: RunState;
  readonly input: unknown;
  readonly failure?: RunFailure;
  /** What could not be undone or released: still there. Cancelling the run again tries again. */
  readonly leftOver: readonly RunFailure[];
  readonly steps: readonly RunStep[];
  readonly createdAt: string;
  readonly endedAt?: string;
}

export interface RunStep {
  readonly name: string;
  readonly state: StepState;
  readonly result?: unknown;
  readonly startedAt: string;
  readonly ms?: number;
}

export type StepState = 'running' | 'done' | 'failed' | 'ended';

export function isAtRest(state: RunState): boolean {
  return state !== 'running' && state !== 'ending';
}
