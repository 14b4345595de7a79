/** A snapshot: its states, and which call each of them allows. */
import type { Selectable } from 'kysely';
import type { SnapshotTable } from './table.ts';

export type SnapshotState = 'pending' | 'completed' | 'error';
export type SnapshotRow = Selectable<SnapshotTable>;

const allowed = {
  launch: ['completed'],
  copy: ['completed'],
  delete: ['completed', 'error', 'pending'],
} as const satisfies Record<string, readonly SnapshotState[]>;

export function snapshotCan(
  snapshot: { readonly state: SnapshotState },
  action: keyof typeof allowed,
): boolean {
  return (allowed[action] as readonly SnapshotState[]).includes(snapshot.state);
}
