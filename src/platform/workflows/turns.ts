/** A bound on how many work at a time; the others wait in the order they came. */
export interface Turns {
  /** Resolves when it is one's turn, or when the signal is aborted: whoever was aborted has nothing long to do. */
  take(options: { readonly signal: AbortSignal; onWait(): void }): Promise<{ giveBack(): void }>;
}

export function turns(limit: number): Turns {
  const waiting: (() => void)[] = [];
  let taken = 0;
  const giveBack = () => {
    taken -= 1;
    waiting.shift()?.();
  };
  return {
    async take({ signal, onWait }) {
      if (taken < limit) {
        taken += 1;
        return { giveBack };
      }
      onWait();
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const mine = () => {
        taken += 1;
        resolve(true);
      };
      waiting.push(mine);
      const aborted = () => {
        const place = waiting.indexOf(mine);
        if (place >= 0) waiting.splice(place, 1);
        resolve(false);
      };
      signal.addEventListener('abort', aborted, { once: true });
      const got = await promise;
      signal.removeEventListener('abort', aborted);
      return { giveBack: got ? giveBack : () => undefined };
    },
  };
}
