/** Refusals of the factory, in words made for whoever asked. The API gives each kind a status. */
export type FactoryErrorKind =
  /** What was given breaks a rule. */
  | 'invalid'
  | 'not-found'
  /** It can't be done now: something is in the way, which the message names. */
  | 'conflict'
  /** The target refused, or does not answer. */
  | 'target';

export class FactoryError extends Error {
  readonly kind: FactoryErrorKind;
  constructor(kind: FactoryErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FactoryError';
    this.kind = kind;
  }
}
