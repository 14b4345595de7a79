/** What a vault holds of a snapshot, and how its row is chosen. */
import type { Selectable } from 'kysely';
import type { StoredSnapshotTable } from './table.ts';

/** `unwanted`: a base image's, which is stored once something else of its region stands on it. */
export type StoredState = 'unwanted' | 'wanted' | 'stored';
export type StoredRow = Selectable<StoredSnapshotTable>;
