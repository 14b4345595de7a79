/** Waits for the first signal to end, which ends a server in order; a second one ends the process at once. */
export async function endSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      resolve();
    });
  }
  await promise;
}
