/** How a command ends. Scripts rely on these numbers: docs/reference/exit-codes.md. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  noServer: 3,
  notFound: 4,
  declined: 5,
  /** As ssh: the connection failed, not the command at its far end. */
  noConnection: 255,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An end that a person can do something about: what was given, the rule, the way out. */
export class CliError extends Error {
  readonly exitCode: number;
  constructor(message: string, options: ErrorOptions & { readonly exitCode?: ExitCode } = {}) {
    super(message, options);
    this.name = 'CliError';
    this.exitCode = options.exitCode ?? exitCodes.failed;
  }
}

/** The message for a terminal: with the causes, and with AWS's code before AWS's words. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const aws = '$fault' in error && error.name !== 'Error';
  const own = aws ? `${error.name}: ${error.message}` : error.message || error.name;
  if (error.cause === undefined || error instanceof CliError) return own;
  return `${own}\n  because ${describeError(error.cause)}`;
}
