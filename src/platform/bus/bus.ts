/**
 * How the halves of the cloud reach each other: request and answer by subject. In one process it is a call;
 * with NATS it crosses machines. Messages are structured-clone data (dates and bytes survive), and an error
 * crosses as its name, kind or code, and message.
 */
export interface RequestOptions {
  readonly deadlineMs: number;
}

export interface ServeOptions {
  /** Members of one group share the requests; without it every server of the subject gets each. */
  readonly queue?: string;
}

export interface Bus {
  /** Throws `BusError` 'no-responder' when nobody serves the subject, 'deadline' when no answer came in time. */
  request(subject: string, message: unknown, options: RequestOptions): Promise<unknown>;
  /** `subject` may end in `*`. Returns a function that stops serving. */
  serve(
    subject: string,
    handler: (message: unknown, subject: string) => Promise<unknown>,
    options?: ServeOptions,
  ): Promise<() => Promise<void>>;
  /** Fire and forget to every subscriber. */
  publish(subject: string, message: unknown): void;
  subscribe(
    subject: string,
    listener: (message: unknown, subject: string) => void,
  ): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export class BusError extends Error {
  readonly kind: 'no-responder' | 'deadline' | 'closed';
  constructor(kind: BusError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BusError';
    this.kind = kind;
  }
}
