/**
 * Lists that somebody walks through page by page: EC2 can't begin in the middle of what is sorted by time, so the
 * first page reads all, and the pages after it are of the same reading for as long as people walk.
 */
export interface KeptLists<T> {
  /** `isFirst`: read anew, whatever is kept. */
  list(question: string, isFirst: boolean, read: () => Promise<T>): Promise<T>;
}

const keptMs = 60_000;
/** A list of 10,000 images takes some ten MiB. */
const most = 4;

export function keepLists<T>(now: () => Date): KeptLists<T> {
  const kept = new Map<string, { readonly readAt: number; readonly value: T }>();
  const forgetOld = () => {
    const oldest = now().getTime() - keptMs;
    for (const [question, { readAt }] of kept) if (readAt < oldest) kept.delete(question);
    for (const question of kept.keys()) if (kept.size > most) kept.delete(question);
  };
  return {
    async list(question, isFirst, read) {
      forgetOld();
      const known = isFirst ? undefined : kept.get(question);
      if (known !== undefined) return known.value;
      const readAt = now().getTime();
      const value = await read();
      kept.delete(question);
      kept.set(question, { readAt, value });
      forgetOld();
      return value;
    },
  };
}
