/**
 * A process that is killed at a step of its own: every watched act is two steps, before it is done and after. From
 * the step on nothing that it does has an effect, as if it were gone.
 */
import type { Database } from '../../database/database.ts';

export interface KillPoints {
  /** Kills at this step from now on, counted from 1. */
  arm(step: number): void;
  readonly struck: boolean;
  /** Does the work unless the process is dead before it; throws if it is dead after it. */
  watched<T>(work: () => Promise<T>): Promise<T>;
  /** Each write is an act. */
  database<Schema>(db: Database<Schema>): Database<Schema>;
}

export function killPoints(): KillPoints {
  let left = Number.POSITIVE_INFINITY;
  const step = () => {
    left -= 1;
    if (left <= 0) throw new Error('the process was killed');
  };
  const watched = async <T>(work: () => Promise<T>): Promise<T> => {
    step();
    const result = await work();
    step();
    return result;
  };
  return {
    arm(steps) {
      left = steps;
    },
    get struck() {
      return left <= 0;
    },
    watched,
    database: (db) => ({ ...db, write: (work) => watched(() => db.write(work)) }),
  };
}
