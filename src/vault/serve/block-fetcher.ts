/**
 * Brings blocks from the store, one request a block whoever asks, the urgent ones first: what a guest waits for, then
 * what its boot will ask for, then the rest.
 */
import type { VaultContext } from '../context.ts';
import type { Digest } from '../format/digest.ts';
import { readChunk } from '../read/read-chunk.ts';

export type Urgency = 'demand' | 'prefetch' | 'hydrate';

export interface BlockFetcher {
  fetch(digest: Digest, urgency: Urgency, what: string): Promise<Buffer>;
  /** Compressed or not: blocks brought so far. */
  readonly fetched: number;
}

const order: readonly Urgency[] = ['demand', 'prefetch', 'hydrate'];
/** Blocks on their way at once; what nobody waits for never takes all places. */
const places: Readonly<Record<Urgency, number>> = { demand: 24, prefetch: 12, hydrate: 4 };

interface Job {
  urgency: Urgency;
  started: boolean;
  readonly digest: Digest;
  readonly what: string;
  readonly answer: PromiseWithResolvers<Buffer>;
}

export function blockFetcher(vault: VaultContext): BlockFetcher {
  const jobs = new Map<Digest, Job>();
  const waiting: Readonly<Record<Urgency, Set<Job>>> = {
    demand: new Set(),
    prefetch: new Set(),
    hydrate: new Set(),
  };
  let underWay = 0;
  let fetched = 0;

  function startNext(): void {
    for (const urgency of order) {
      for (const job of waiting[urgency]) {
        if (underWay >= places[urgency]) return;
        waiting[urgency].delete(job);
        underWay++;
        job.started = true;
        void run(job);
      }
    }
  }

  async function run(job: Job): Promise<void> {
    try {
      const content = await readChunk(vault, job.digest, { what: job.what });
      fetched++;
      job.answer.resolve(content);
    } catch (error) {
      job.answer.reject(error);
      vault.log.error({ error, digest: job.digest, what: job.what }, 'vault block could not be fetched');
    } finally {
      underWay--;
      jobs.delete(job.digest);
      startNext();
    }
  }

  return {
    get fetched() {
      return fetched;
    },
    fetch(digest, urgency, what) {
      const known = jobs.get(digest);
      if (known !== undefined) {
        if (!known.started && order.indexOf(urgency) < order.indexOf(known.urgency)) {
          waiting[known.urgency].delete(known);
          known.urgency = urgency;
          waiting[urgency].add(known);
          startNext();
        }
        return known.answer.promise;
      }
      const job: Job = { urgency, started: false, digest, what, answer: Promise.withResolvers<Buffer>() };
      jobs.set(digest, job);
      waiting[urgency].add(job);
      startNext();
      return job.answer.promise;
    },
  };
}
