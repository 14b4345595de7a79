/** Which template is built again by itself, when, and where its proven versions go. */
export interface RebuildPolicy {
  readonly template: string;
  readonly target: string;
  /** When the base image has a newer version than the one that `latest` was built from. */
  readonly onNewBase: boolean;
  /** When its last version is older. */
  readonly everyMs?: number;
  /** The channel that a proven version is promoted to. */
  readonly promoteTo: string;
}

export interface RebuildSettings {
  readonly policies: readonly RebuildPolicy[];
  readonly checkEveryMs: number;
}
