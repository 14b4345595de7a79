/** Kinds of failure that a caller treats differently. Messages name the thing, the rule and the way out. */
export type VaultErrorKind =
  | 'unknown-snapshot'
  | 'unknown-image'
  | 'already-exists'
  /** Stored bytes are not what their name or checksum says. Never served. */
  | 'damaged'
  /** A manifest refers to a block that the store does not have. */
  | 'missing'
  /** The bytes handed in are not what the caller says they are. */
  | 'checksum-mismatch'
  | 'bad-request'
  | 'unreadable-source'
  /** The lease ran out while the process was stalled: what was written is safe, ask again. */
  | 'session-lost'
  | 'busy'
  | 'cancelled'
  | 'unsupported-store'
  | 'store-failed';

export class VaultError extends Error {
  readonly kind: VaultErrorKind;
  constructor(kind: VaultErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VaultError';
    this.kind = kind;
  }
}

export function isVaultError(error: unknown, ...kinds: readonly VaultErrorKind[]): error is VaultError {
  return error instanceof VaultError && (kinds.length === 0 || kinds.includes(error.kind));
}

/** Called between the steps of everything long. */
export function stopIfCancelled(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) {
    throw new VaultError('cancelled', `${what} was cancelled; asking again continues where it stopped`, {
      cause: signal.reason,
    });
  }
}
