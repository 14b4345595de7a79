/** What was done with one image or snapshot; a failure is told, and holds up no other. */
import type { Factory } from '../factory.ts';
import type { Target } from '../targets/target.ts';
import type { ManagedImage } from './managed-image.ts';
import type { Place, ReferenceSources } from './references.ts';

export interface CleanupStep {
  readonly region: string;
  readonly what:
    | 'deprecated'
    | 'spared'
    | 'binned'
    | 'restored'
    | 'deleted'
    | 'snapshot-deleted'
    | 'kept'
    | 'failed';
  /** An image's or a snapshot's. */
  readonly id: string;
  readonly name: string;
  readonly freedBytes: number;
  readonly reason?: string;
}

/** What the parts of a cleanup work with. */
export interface Cleaner {
  readonly db: Factory['db'];
  readonly now: Date;
  readonly target: Target;
  readonly sources: ReferenceSources;
  readonly deprecateDays: number;
  /** How long an image lies in the bin. 0: none does, it is deleted at once. */
  readonly binDays: number;
}

type Subject = Pick<CleanupStep, 'region' | 'id' | 'name'>;
export type Outcome = Omit<CleanupStep, keyof Subject>;

export async function attempt(subject: Subject, work: () => Promise<Outcome>): Promise<CleanupStep> {
  try {
    return { ...subject, ...(await work()) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...subject, what: 'failed', freedBytes: 0, reason };
  }
}

export function subjectOf({ region, imageId, name }: ManagedImage): Subject {
  return { region, id: imageId, name };
}

export function placeOf({ target }: Pick<Cleaner, 'target'>, { region }: { readonly region: string }): Place {
  return { target, region };
}
