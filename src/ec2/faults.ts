/** An error as EC2 words it. Clients match on code, words and status (devguide, errors-overview). */
export class Ec2Fault extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, options: ErrorOptions & { readonly status?: number } = {}) {
    super(message, options);
    this.name = 'Ec2Fault';
    this.code = code;
    this.status = options.status ?? statusOf(code);
  }
}

/** 400 unless EC2 is known to answer otherwise. */
const statuses: Readonly<Record<string, number>> = {
  AuthFailure: 401,
  OptInRequired: 401,
  MissingAuthenticationToken: 403,
  InvalidClientTokenId: 403,
  SignatureDoesNotMatch: 403,
  UnauthorizedOperation: 403,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  DryRunOperation: 412,
  RequestEntityTooLarge: 413,
  RequestHeaderTooLarge: 431,
  InsufficientInstanceCapacity: 500,
  InternalError: 500,
  InternalFailure: 500,
  NotImplemented: 501,
  Unavailable: 503,
  RequestLimitExceeded: 503,
};

function statusOf(code: string): number {
  return statuses[code] ?? 400;
}
