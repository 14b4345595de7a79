/** A shell on a machine of a build: what the factory needs of SSH, so that tests can answer in its place. */
export interface RemoteShell {
  /** Runs a command line to its end. Throws `ConnectionLost` where the connection ends first. */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
  /** The host key that the machine showed, base64. */
  readonly hostKey: string;
  readonly isOpen: boolean;
  close(): void;
}

export interface ExecOptions {
  /** For the command's standard input; empty unless told. */
  readonly input?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Told of standard output as it comes, in place of having it in the result. */
  readonly onOutput?: (chunk: Uint8Array) => void;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** OpenSSH's form. */
  readonly privateKey: string;
  /** Refused where the machine shows another. */
  readonly hostKey?: string;
  /** How long the machine may take to speak once it is connected; two seconds unless told. */
  readonly greetingMs?: number;
}

/** One attempt. Throws `ShellProblem`. */
export type ConnectShell = (address: ShellAddress, signal: AbortSignal) => Promise<RemoteShell>;

/** How far an attempt came: each is a check of its own while a machine boots. */
export type ShellCheck = 'port' | 'greeting' | 'login' | 'host-key';

export class ShellProblem extends Error {
  readonly check: ShellCheck;
  constructor(check: ShellCheck, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ShellProblem';
    this.check = check;
  }
}

export class ConnectionLost extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConnectionLost';
  }
}
