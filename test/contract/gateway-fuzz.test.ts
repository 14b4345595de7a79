/** 100,000 malformed requests over real sockets: no crash, no leak, and always an answer in EC2's form. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endDryRun } from '../../src/ec2/dry-run.ts';
import { loadEc2Model } from '../../src/ec2/model/ec2-model.ts';
import type { Operations } from '../../src/ec2/types.ts';
import { createLog } from '../../src/platform/log.ts';
import { notXml } from './gateway-arbitraries.ts';
import { createRandom } from './gateway-fuzz-random.ts';
import { anyRequest, brokenRequest, type FuzzRequest } from './gateway-fuzz-requests.ts';
import { type Answer, pipeline, throwAt } from './gateway-fuzz-wire.ts';
import { type GatewayRig, startGateway } from './gateway-rig.ts';

const wholeRequests = 98_000;
const brokenRequests = 2_000;
const perConnection = 100;
const connectionsAtOnce = 8;
const warmUpRequests = 10_000;
const heapGrowthLimitBytes = 24 * 1024 * 1024;

const seed = 20161115;
const unexpected: unknown[] = [];

/** Every action is served, so that every decoder is reached. */
const operations = Object.fromEntries(
  loadEc2Model().actionNames.map((name) => [name, acceptAnything]),
) as Operations;

async function acceptAnything(input: { readonly DryRun?: boolean }): Promise<object> {
  endDryRun(input);
  return {};
}

let rig: GatewayRig;
beforeAll(async () => {
  const log = createLog({ level: 'silent' });
  log.error = (...error: unknown[]) => void unexpected.push(error);
  rig = await startGateway({ operations, log });
});
afterAll(() => rig.close());

describe(`fuzzing (seed ${seed})`, () => {
  it('answers each of 98,000 malformed requests on kept-alive connections, with steady memory', async () => {
    const seen = new Map<string, number>();
    await fuzz(warmUpRequests, seed, seen);
    const before = heapAfterCollection();
    await fuzz(wholeRequests - warmUpRequests, seed + 1, seen);
    expect(heapAfterCollection() - before).toBeLessThan(heapGrowthLimitBytes);
    expect(seen.get('ok') ?? 0).toBeLessThan(wholeRequests / 2);
    for (const code of [
      'UnknownParameter',
      'MalformedQueryString',
      'AuthFailure',
      'MissingParameter',
      'InvalidAction',
    ]) {
      expect(seen.get(code), code).toBeGreaterThan(100);
    }
    expect(unexpected).toEqual([]);
  });

  it('survives 2,000 requests that break HTTP or end too early', async () => {
    const random = createRandom(seed);
    for (let sent = 0; sent < brokenRequests; sent += connectionsAtOnce) {
      const batch = Array.from({ length: connectionsAtOnce }, () => brokenRequest(random));
      for (const received of await Promise.all(batch.map((bytes) => throwAt(rig.port, bytes)))) {
        expect(received).toMatch(/^(?:$|HTTP\/1\.1 [45]\d\d |HTTP\/1\.1 200 )/);
        const body = received.slice(received.indexOf('\r\n\r\n') + 4);
        if (body !== '') expect(body).toMatch(/<Code>[\w.]+<\/Code>|<requestId>/);
      }
    }
    const [alive] = await pipeline(rig.port, [
      { method: 'GET', bytes: Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n') },
    ]);
    expect(alive?.status).toBe(403);
    expect(unexpected).toEqual([]);
  });
});

async function fuzz(count: number, from: number, seen: Map<string, number>): Promise<void> {
  const random = createRandom(from);
  for (let sent = 0; sent < count; sent += perConnection * connectionsAtOnce) {
    const batches = Array.from({ length: connectionsAtOnce }, () =>
      Array.from({ length: perConnection }, () => anyRequest(random)),
    );
    await Promise.all(
      batches.map(async (batch) => {
        const answers = await pipeline(rig.port, batch);
        for (const [index, answer] of answers.entries()) {
          const code = codeOf(answer, batch[index]);
          seen.set(code, (seen.get(code) ?? 0) + 1);
        }
      }),
    );
  }
}

const ec2Fault =
  /^<\?xml [^>]+>\n<Response><Errors><Error><Code>([\w.]+)<\/Code><Message>[^<]*<\/Message><\/Error><\/Errors><RequestID>[0-9a-f-]{36}<\/RequestID><\/Response>$/;
const stsFault =
  /^<ErrorResponse xmlns="[^"]+"><Error><Type>\w+<\/Type><Code>(\w+)<\/Code><Message>[^<]*<\/Message><\/Error><RequestId>[0-9a-f-]{36}<\/RequestId><\/ErrorResponse>$/;
const success =
  /^<\?xml [^>]+>\n<(\w+)Response xmlns="[^"]+"><requestId>[0-9a-f-]{36}<\/requestId>(?:<return>true<\/return>)?<\/\1Response>$/;
const strayAmpersand = /&(?!(?:amp|lt|gt|quot|apos|#x[0-9A-F]+);)/;

/** The fault's code, 'ok', or a failed expectation that shows the request. */
function codeOf({ status, body }: Answer, request: FuzzRequest | undefined): string {
  if (request?.method === 'HEAD' && status === 405) return 'head';
  const code = (ec2Fault.exec(body) ?? stsFault.exec(body))?.[1];
  const wellFormed =
    !notXml.test(body) &&
    !strayAmpersand.test(body) &&
    (status === 200 ? success.test(body) : status >= 400 && code !== undefined);
  if (wellFormed && status < 500) return code ?? 'ok';
  throw new Error(
    `${status} ${body.slice(0, 600)}\nfor ${request?.bytes.toString('latin1').slice(0, 2_000)}`,
  );
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
