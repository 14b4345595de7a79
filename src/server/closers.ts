/** What was opened, to be closed in reverse: also after a start that failed half-way. */
export class Closers {
  readonly #closers: (() => unknown)[] = [];

  add(closer: () => unknown): void {
    this.#closers.push(closer);
  }

  async close(): Promise<void> {
    for (const closer of this.#closers.splice(0).reverse()) await closer();
  }
}

/** Runs the start; if it throws, whatever it had opened is closed before the error goes on. */
export async function opening<T>(
  start: (closers: Closers) => Promise<T>,
): Promise<T & { close(): Promise<void> }> {
  const closers = new Closers();
  try {
    return { ...(await start(closers)), close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}
