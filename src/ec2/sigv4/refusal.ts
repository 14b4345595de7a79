/** Why a request's signature was not accepted. Each door (EC2, STS, EBS) words it in its own protocol. */
export type RefusalKind =
  | 'missing'
  | 'malformed'
  | 'other-service'
  | 'unknown-key'
  | 'mismatch'
  | 'expired'
  | 'not-yet-valid';

export class SignatureRefused extends Error {
  readonly kind: RefusalKind;
  /** The service that the credential scope names, where it could be read. */
  readonly service: string | undefined;
  constructor(kind: RefusalKind, message: string, service?: string) {
    super(message);
    this.name = 'SignatureRefused';
    this.kind = kind;
    this.service = service;
  }
}
