/**
 * The QEMU guest agent, through its virtio-serial port. What is written while nobody reads in the guest waits
 * there and is obeyed later, so nothing but a harmless sync is ever sent before the agent has answered one.
 * Reference: qemu's docs/interop/qemu-ga-ref.
 */
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { within } from '../deadline.ts';
import { connectUnix } from '../qemu/connect-unix.ts';
import { type JsonObject, readJsonLines } from '../qemu/json-lines.ts';

/** The agent answered, with an error. */
export class AgentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AgentError';
  }
}

export class GuestAgent {
  readonly #socket: Socket;
  /** The agent answers in order, one for one. */
  #waiting: PromiseWithResolvers<unknown>[] = [];
  #syncing: { readonly id: number; readonly done: PromiseWithResolvers<void> } | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#fail(new Error('the agent port was closed')));
    readJsonLines(
      socket,
      (message) => this.#take(message),
      () => socket.destroy(),
    );
  }

  /** Proves that the agent answers, and throws away answers to what others asked before. */
  async sync(deadlineMs: number): Promise<void> {
    const id = randomInt(1, 2 ** 31);
    const done = Promise.withResolvers<void>();
    this.#syncing = { id, done };
    this.#socket.write(Buffer.from([0xff]));
    this.#send('guest-sync-delimited', { id });
    await within(done.promise, deadlineMs, "the guest agent's answer");
  }

  /** How many file systems it froze. */
  async freeze(deadlineMs: number): Promise<number> {
    return Number(await this.#ask('guest-fsfreeze-freeze', {}, deadlineMs));
  }

  async thaw(deadlineMs: number): Promise<void> {
    await this.#ask('guest-fsfreeze-thaw', {}, deadlineMs);
  }

  /** Asks for an orderly end; the agent answers such a request only when it fails. */
  shutdown(mode: 'powerdown' | 'reboot'): void {
    this.#send('guest-shutdown', { mode });
  }

  close(): void {
    this.#socket.destroy();
  }

  onClose(listener: () => void): void {
    this.#socket.once('close', listener);
  }

  async #ask(command: string, args: object, deadlineMs: number): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.push(answer);
    this.#send(command, args);
    return within(answer.promise, deadlineMs, `the guest agent's ${command}`);
  }

  #send(command: string, args: object): void {
    if (this.#socket.destroyed) throw new Error('the agent port is closed');
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
  }

  #take(message: JsonObject): void {
    if (this.#syncing !== undefined) {
      if (message.return !== this.#syncing.id) return;
      this.#syncing.done.resolve();
      this.#syncing = undefined;
      return;
    }
    const waiting = this.#waiting.shift();
    if (message.error === undefined) waiting?.resolve(message.return);
    else waiting?.reject(new AgentError(String((message.error as JsonObject).desc)));
  }

  #fail(error: Error): void {
    for (const waiting of this.#waiting) waiting.reject(error);
    this.#waiting = [];
    this.#syncing?.done.reject(error);
  }
}

/**
 * The way to a machine's agent, held open: an agent whose port nobody holds sleeps 100 ms between two looks at it
 * (qga/main.c), and each question would wait for that. QEMU lets one in at a time, so who asks takes turns.
 */
export class AgentPort {
  readonly #path: string;
  #agent: Promise<GuestAgent> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The agent that was reached before, unless its port was closed since. */
  reach(): Promise<GuestAgent> {
    if (this.#agent !== undefined) return this.#agent;
    const reached = connectUnix(this.#path).then((socket) => new GuestAgent(socket));
    const forget = () => {
      if (this.#agent === reached) this.#agent = undefined;
    };
    reached.then((agent) => agent.onClose(forget), forget);
    this.#agent = reached;
    return reached;
  }

  /** Whatever the agent owes an answer to is given up. */
  close(): void {
    this.#agent?.then(
      (agent) => agent.close(),
      () => undefined,
    );
    this.#agent = undefined;
  }
}
