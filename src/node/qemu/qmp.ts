/**
 * QEMU's control socket: commands are answered in order, events come between. One client at a time.
 * Reference: qemu's docs/interop/qmp-spec.txt.
 */
import type { Socket } from 'node:net';
import { within } from '../deadline.ts';
import { connectUnix } from './connect-unix.ts';
import { type JsonObject, readJsonLines } from './json-lines.ts';

export interface QmpEvent {
  readonly event: string;
  readonly data: JsonObject;
}

/** QEMU refused a command. */
export class QmpError extends Error {
  constructor(command: string, description: string) {
    super(`${command}: ${description}`);
    this.name = 'QmpError';
  }
}

/** QEMU's end of the socket is gone, most often because its process is. */
export class QmpClosedError extends Error {
  constructor() {
    super('QEMU closed its control socket');
    this.name = 'QmpClosedError';
  }
}

interface Waiting {
  readonly command: string;
  readonly answer: PromiseWithResolvers<unknown>;
}

const commandDeadlineMs = 30_000;

export class Qmp {
  readonly #socket: Socket;
  readonly #waiting = new Map<string, Waiting>();
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  #lastId = 0;
  /** Settles when the socket is closed, by whoever. */
  readonly closed: Promise<void>;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise<void>((resolve) => socket.once('close', () => resolve())).then(() =>
      this.#end(),
    );
    socket.on('error', () => socket.destroy());
    readJsonLines(
      socket,
      (message) => this.#take(message),
      (error) => socket.destroy(error),
    );
  }

  async execute(command: string, args: object = {}, deadlineMs = commandDeadlineMs): Promise<unknown> {
    if (this.#socket.destroyed) throw new QmpClosedError();
    const id = String(++this.#lastId);
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { command, answer });
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    return within(answer.promise, deadlineMs, `QEMU's answer to ${command}`);
  }

  /** Returns a function that stops listening. */
  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(message: JsonObject): void {
    if (typeof message.event === 'string') {
      const event = { event: message.event, data: (message.data ?? {}) as JsonObject };
      for (const listener of this.#listeners) listener(event);
      return;
    }
    const waiting = this.#waiting.get(String(message.id));
    if (waiting === undefined) return;
    this.#waiting.delete(String(message.id));
    if (message.error === undefined) waiting.answer.resolve(message.return);
    else waiting.answer.reject(new QmpError(waiting.command, String((message.error as JsonObject).desc)));
  }

  #end(): void {
    for (const { answer } of this.#waiting.values()) answer.reject(new QmpClosedError());
    this.#waiting.clear();
  }
}

/** Connects and leaves negotiation mode. Rejects at once when nobody listens. */
export async function connectQmp(path: string, deadlineMs: number): Promise<Qmp> {
  const qmp = new Qmp(await connectUnix(path));
  try {
    await qmp.execute('qmp_capabilities', {}, deadlineMs);
    return qmp;
  } catch (error) {
    qmp.close();
    throw error;
  }
}

/** Undefined while nobody listens on the socket yet. */
export async function connectWhenServed(path: string, deadlineMs: number): Promise<Qmp | undefined> {
  try {
    return await connectQmp(path, deadlineMs);
  } catch (error) {
    if (error instanceof Error && 'code' in error && unserved.has(String(error.code))) return undefined;
    throw error;
  }
}

const unserved: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED']);
