/** Keeps a server busy: so many connections, each with one request at a time, for so long. */
import { Agent, request } from 'node:http';
import { quantile } from '../frame/statistics.ts';

/** Sent as it stands. */
export interface ReadyRequest {
  /** POST unless told. */
  readonly method?: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Rates {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function openLoad(connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    async run(requests: readonly ReadyRequest[], seconds: number): Promise<Rates> {
      const timesMs: number[] = [];
      let turn = 0;
      const startedMs = performance.now();
      const endMs = startedMs + seconds * 1000;
      const worker = async () => {
        // At least one each, however slow the server is.
        do {
          const next = requests[turn++ % requests.length];
          if (next === undefined) throw new Error('There is nothing to ask');
          const askedMs = performance.now();
          await send(agent, next);
          timesMs.push(performance.now() - askedMs);
        } while (performance.now() < endMs);
      };
      await Promise.all(Array.from({ length: connections }, worker));
      return {
        perSecond: (timesMs.length * 1000) / (performance.now() - startedMs),
        p50Ms: quantile(timesMs, 0.5),
        p99Ms: quantile(timesMs, 0.99),
      };
    },
    close: () => agent.destroy(),
  };
}

/** Reads the whole answer; anything but 200 fails. */
async function send(agent: Agent, { method = 'POST', url, headers, body }: ReadyRequest): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sent = request(url, { method, agent, headers }, (response) => {
    let kept = '';
    response.on('data', (chunk: Buffer) => {
      if (response.statusCode !== 200) kept += chunk;
    });
    response.on('error', reject);
    response.on('end', () => {
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${url.href} answered ${response.statusCode}: ${kept.slice(0, 500)}`));
    });
  });
  sent.on('error', reject);
  sent.end(body);
  await promise;
}
