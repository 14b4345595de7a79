/**
 * The bus across processes, over a NATS server. Payloads are V8's structured clone, so dates, bytes and maps
 * survive; an answer is an envelope that holds the value, or the error's name and plain fields. Whoever may
 * speak on the server is trusted, as a process on this machine would be: guard it with NATS's own credentials.
 */
import { deserialize, serialize } from 'node:v8';
import {
  connect,
  type Msg,
  type NatsConnection,
  RequestError,
  type Subscription,
  TimeoutError,
} from '@nats-io/transport-node';
import { type Bus, BusError } from './bus.ts';

/** What crosses of an error. */
export interface ErrorFields {
  readonly name: string;
  readonly message: string;
  readonly kind?: string;
  readonly code?: string;
  readonly status?: number;
}

/** Makes errors of a class again out of their fields, by the class's name. Others arrive as plain `Error`. */
export type ErrorClasses = Readonly<Record<string, (fields: ErrorFields) => Error>>;

export interface NatsOptions {
  /** 'nats://host:4222'; credentials may stand in the address. */
  readonly servers: readonly string[];
  readonly errors: ErrorClasses;
  /** Told what nobody else is: a listener that threw, an answer that could not be sent. */
  readonly onError: (error: unknown) => void;
}

type Envelope =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorFields };

const reconnectWaitMs = 250;

/** Fails if no server answers now; a connection lost later is made again, however long that takes. */
export async function connectNats(options: NatsOptions): Promise<Bus> {
  const connection = await connect({
    servers: [...options.servers],
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectWaitMs,
  }).catch((cause: unknown) => {
    throw new Error(`No NATS server answers at ${withoutCredentials(options.servers)}`, { cause });
  });
  const answering = new Set<Promise<void>>();
  return {
    async request(subject, message, { deadlineMs }) {
      const payload = encode(connection, subject, message);
      const answer = await connection
        .request(subject, payload, { timeout: deadlineMs })
        .catch((cause: unknown) => {
          throw requestError(connection, subject, deadlineMs, cause);
        });
      const envelope = deserialize(answer.data) as Envelope;
      if (envelope.ok) return envelope.value;
      throw rebuild(envelope.error, options.errors);
    },
    async serve(subject, handler, { queue } = {}) {
      return await listen(connection, subject, queue, (received) => {
        const answered = answer(connection, received, handler)
          .catch(options.onError)
          .finally(() => answering.delete(answered));
        answering.add(answered);
      });
    },
    publish(subject, message) {
      if (connection.isClosed()) throw new BusError('closed', 'The bus is closed');
      connection.publish(subject, encode(connection, subject, message));
    },
    async subscribe(subject, listener) {
      return await listen(connection, subject, undefined, (received) => {
        try {
          listener(deserialize(received.data), received.subject);
        } catch (error) {
          options.onError(error);
        }
      });
    },
    async close() {
      if (connection.isClosed()) return;
      await Promise.allSettled(answering);
      await connection.drain();
    },
  };
}

async function answer(
  connection: NatsConnection,
  received: Msg,
  handler: (message: unknown, subject: string) => Promise<unknown>,
): Promise<void> {
  let envelope: Envelope;
  try {
    envelope = { ok: true, value: await handler(deserialize(received.data), received.subject) };
  } catch (error) {
    envelope = { ok: false, error: fieldsOf(error) };
  }
  received.respond(encodeAnswer(connection, received.subject, envelope));
}

function encodeAnswer(connection: NatsConnection, subject: string, envelope: Envelope): Uint8Array {
  try {
    return encode(connection, subject, envelope);
  } catch (error) {
    return serialize({ ok: false, error: fieldsOf(error) } satisfies Envelope);
  }
}

/** Resolves when the server knows of it, so that a request made after this finds it. */
async function listen(
  connection: NatsConnection,
  subject: string,
  queue: string | undefined,
  receive: (message: Msg) => void,
): Promise<() => Promise<void>> {
  const subscription: Subscription = connection.subscribe(subject, {
    ...(queue === undefined ? {} : { queue }),
    callback: (error, message) => {
      if (error === null) receive(message);
    },
  });
  await connection.flush();
  return async () => {
    if (subscription.isClosed() || connection.isClosed()) return;
    subscription.unsubscribe();
    await connection.flush();
  };
}

function encode(connection: NatsConnection, subject: string, message: unknown): Uint8Array {
  const payload = serialize(message);
  const limit = connection.info?.max_payload;
  if (limit !== undefined && payload.byteLength > limit) {
    throw new Error(
      `A message on ${subject} takes ${payload.byteLength} bytes; this NATS server carries ${limit}: raise its max_payload`,
    );
  }
  return payload;
}

function requestError(
  connection: NatsConnection,
  subject: string,
  deadlineMs: number,
  cause: unknown,
): Error {
  if (cause instanceof RequestError && cause.isNoResponders()) {
    return new BusError('no-responder', `Nobody serves ${subject}`, { cause });
  }
  if (connection.isClosed() || connection.isDraining()) {
    return new BusError('closed', 'The bus is closed', { cause });
  }
  if (cause instanceof TimeoutError) {
    return new BusError('deadline', `${subject} did not answer within ${deadlineMs} ms`, { cause });
  }
  return new Error(`The request on ${subject} could not be sent`, { cause });
}

function fieldsOf(error: unknown): ErrorFields {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message } = error;
  const kind = 'kind' in error && typeof error.kind === 'string' ? { kind: error.kind } : {};
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const status = 'status' in error && typeof error.status === 'number' ? { status: error.status } : {};
  return { name, message, ...kind, ...code, ...status };
}

function rebuild(fields: ErrorFields, classes: ErrorClasses): Error {
  const known = Object.hasOwn(classes, fields.name) ? classes[fields.name] : undefined;
  if (known !== undefined) return known(fields);
  if (fields.name === 'BusError') return new BusError(fields.kind as BusError['kind'], fields.message);
  const { name, message, ...rest } = fields;
  return Object.assign(new Error(message), { name }, rest);
}

function withoutCredentials(servers: readonly string[]): string {
  return servers.map((server) => server.replace(/\/\/[^@/]*@/, '//')).join(', ');
}
