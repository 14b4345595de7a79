/** What doctor says of one thing. */
export interface Finding {
  /** `limit`: Ingot works, but not as it could. `problem`: something that it needs is missing. */
  readonly level: 'ok' | 'limit' | 'problem';
  readonly subject: string;
  readonly finding: string;
  /** What to do about it. */
  readonly cure?: string;
}
