/**
 * An error as EBS direct words it: a code with its HTTP status, and for most a reason that clients match on.
 * https://docs.aws.amazon.com/ebs/latest/APIReference/CommonErrors.html and each operation's page.
 */
import type {
  AccessDeniedExceptionReason,
  RequestThrottledExceptionReason,
  ResourceNotFoundExceptionReason,
  ValidationExceptionReason,
} from '@aws-sdk/client-ebs';

export type EbsFaultCode =
  | 'ValidationException'
  | 'ResourceNotFoundException'
  | 'AccessDeniedException'
  | 'ConflictException'
  | 'ConcurrentLimitExceededException'
  | 'RequestThrottledException'
  | 'ServiceQuotaExceededException'
  | 'InternalServerException'
  | 'MissingAuthenticationTokenException'
  | 'IncompleteSignatureException'
  | 'InvalidSignatureException'
  | 'UnrecognizedClientException'
  | 'UnknownOperationException'
  | 'MethodNotAllowedException'
  | 'RequestEntityTooLargeException'
  | 'ServiceUnavailableException';

const statuses: Readonly<Record<EbsFaultCode, number>> = {
  ValidationException: 400,
  ResourceNotFoundException: 404,
  AccessDeniedException: 403,
  ConflictException: 409,
  ConcurrentLimitExceededException: 400,
  RequestThrottledException: 400,
  ServiceQuotaExceededException: 402,
  InternalServerException: 500,
  MissingAuthenticationTokenException: 403,
  IncompleteSignatureException: 400,
  InvalidSignatureException: 403,
  UnrecognizedClientException: 403,
  UnknownOperationException: 404,
  MethodNotAllowedException: 405,
  RequestEntityTooLargeException: 413,
  ServiceUnavailableException: 503,
};

export class EbsFault extends Error {
  readonly code: EbsFaultCode;
  readonly status: number;
  /** EBS's `Reason`. Named as what the bus carries of an error. */
  readonly kind: string | undefined;
  constructor(
    code: EbsFaultCode,
    message: string,
    options: ErrorOptions & { readonly reason?: string } = {},
  ) {
    super(message, options);
    this.name = 'EbsFault';
    this.code = code;
    this.status = statuses[code];
    this.kind = options.reason;
  }
}

export function invalid(reason: ValidationExceptionReason, message: string): EbsFault {
  return new EbsFault('ValidationException', message, { reason });
}

export function snapshotNotFound(snapshotId: string): EbsFault {
  const reason: ResourceNotFoundExceptionReason = 'SNAPSHOT_NOT_FOUND';
  return new EbsFault('ResourceNotFoundException', `The snapshot '${snapshotId}' does not exist.`, {
    reason,
  });
}

export function accessDenied(message: string): EbsFault {
  const reason: AccessDeniedExceptionReason = 'UNAUTHORIZED_ACCOUNT';
  return new EbsFault('AccessDeniedException', message, { reason });
}

export function throttled(message: string): EbsFault {
  const reason: RequestThrottledExceptionReason = 'ACCOUNT_THROTTLED';
  return new EbsFault('RequestThrottledException', message, { reason });
}
