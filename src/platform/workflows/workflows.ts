/** The durable workflows of a home: what others start, cancel, resume and wait for. */
import type { Journals } from './journal.ts';
import type { Run } from './workflow.ts';

export interface Workflows {
  /** Starts a run; one that has this id already is left as it is. */
  start(workflow: string, run: { readonly id: string; readonly input: unknown }): Promise<void>;
  /** Goes on with a held run from the step that failed, with another input if one is given. */
  resume(id: string, input?: unknown): Promise<void>;
  /** Ends a run and takes back what it did: heard inside a step. On a held run, or one with left-overs, the same. */
  cancel(id: string): Promise<void>;
  find(id: string): Promise<Run | undefined>;
  /** Waits until the run is held or over. */
  settled(id: string): Promise<Run>;
  readonly journals: Journals;
  /** Interrupts what runs; the next start takes it up. */
  close(): Promise<void>;
}
