/** The bus inside one process: a request is a call, so nothing is copied and nothing can get lost. */
import { type Bus, BusError } from './bus.ts';

type Handler = (message: unknown, subject: string) => Promise<unknown>;
type Listener = (message: unknown, subject: string) => void;

export function inProcessBus(): Bus {
  const handlers = new Map<string, Handler[]>();
  const listeners = new Map<string, Listener[]>();
  let closed = false;
  return {
    async request(subject, message, { deadlineMs }) {
      if (closed) throw new BusError('closed', 'The bus is closed');
      const handler = matching(handlers, subject)[0];
      if (handler === undefined) throw new BusError('no-responder', `Nobody serves ${subject}`);
      return await before(deadlineMs, subject, handler(message, subject));
    },
    async serve(subject, handler) {
      return add(handlers, subject, handler);
    },
    publish(subject, message) {
      for (const listener of matching(listeners, subject)) listener(message, subject);
    },
    async subscribe(subject, listener) {
      return add(listeners, subject, listener);
    },
    async close() {
      closed = true;
      handlers.clear();
      listeners.clear();
    },
  };
}

function matching<T>(registered: ReadonlyMap<string, readonly T[]>, subject: string): readonly T[] {
  const exact = registered.get(subject);
  if (exact !== undefined && exact.length > 0) return exact;
  const wild = registered.get(`${subject.slice(0, subject.lastIndexOf('.'))}.*`);
  return wild ?? [];
}

function add<T>(registered: Map<string, T[]>, subject: string, item: T): () => Promise<void> {
  registered.set(subject, [...(registered.get(subject) ?? []), item]);
  return async () => {
    registered.set(
      subject,
      (registered.get(subject) ?? []).filter((other) => other !== item),
    );
  };
}

async function before<T>(deadlineMs: number, subject: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    const error = () => new BusError('deadline', `${subject} did not answer within ${deadlineMs} ms`);
    timer = setTimeout(() => reject(error()), deadlineMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
