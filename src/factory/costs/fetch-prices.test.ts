import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pricing } from '@aws-sdk/client-pricing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Factory } from '../factory.ts';
import type { Target } from '../targets/target.ts';
import { fetchPrices } from './fetch-prices.ts';
import { openPrices } from './open-prices.ts';

interface Question {
  readonly ServiceCode: string;
  readonly Filters: readonly { readonly Field: string; readonly Value: string }[];
  readonly NextToken?: string;
}

let directory: string;
let server: Server;
let factory: Pick<Factory, 'targets' | 'prices' | 'now'>;
let asked: Question[];

/** Answers as the Pricing API does: products as texts, page after page. */
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-prices-'));
  asked = [];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const question = JSON.parse(Buffer.concat(chunks).toString()) as Question;
    asked.push(question);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify(answer(question)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const pricing = new Pricing({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
  });
  const targets: Readonly<Record<string, Target>> = {
    prod: {
      name: 'prod',
      kind: 'aws',
      regions: ['eu-west-1'],
      pricing: async () => pricing,
    } as unknown as Target,
    local: { name: 'local', kind: 'local', regions: ['us-east-1'] } as unknown as Target,
  };
  const get = async (name: string) => targets[name] as Target;
  factory = {
    targets: { get } as Factory['targets'],
    prices: openPrices({ directory, targets: { get } }),
    now: () => new Date('2026-06-01T12:00:00Z'),
  };
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

const product = (attributes: Readonly<Record<string, string>>, ...prices: readonly string[]) =>
  JSON.stringify({
    product: { attributes, sku: 'S' },
    serviceCode: 'AmazonEC2',
    terms: {
      OnDemand: {
        'S.T': {
          priceDimensions: Object.fromEntries(
            prices.map((USD, at) => [
              `S.T.${at}`,
              { beginRange: at === 0 ? '0' : '10240', pricePerUnit: { USD } },
            ]),
          ),
        },
      },
    },
  });

function answer({ ServiceCode, Filters, NextToken }: Question) {
  const family = Filters.find(({ Field }) => Field === 'productFamily')?.Value;
  if (ServiceCode === 'AWSDataTransfer') {
    const to = (toRegionCode: string, toLocationType: string) => ({ toRegionCode, toLocationType });
    return {
      PriceList: [
        product(to('us-east-1', 'AWS Region'), '0.0200000000'),
        product(to('us-east-1-bos-1a', 'AWS Local Zone'), '0.9'),
      ],
    };
  }
  if (family === 'Storage Snapshot') {
    return {
      PriceList: [
        product({ usagetype: 'EU-EBS:SnapshotArchiveStorage' }, '0.0125'),
        product({ usagetype: 'EU-EBS:SnapshotUsage' }, '0.0510000000'),
      ],
    };
  }
  if (NextToken === undefined) {
    return { PriceList: [product({ instanceType: 't3.micro' }, '0.0114000000')], NextToken: 'more' };
  }
  return {
    PriceList: [product({ instanceType: 'm5.large' }, '0.1070000000'), product({ instanceType: 'x' })],
  };
}

test("AWS's own prices are asked page by page, kept, and count before the shipped ones", async () => {
  expect((await factory.prices.of('prod')).storagePerGiBMonth('eu-west-1')).toBe(0.05);
  await fetchPrices(factory, 'prod');
  const prices = await factory.prices.of('prod');
  expect(prices.date).toBe('2026-06-01');
  expect(prices.source).toMatch(/^AWS price list \(2026-06-01\), else about AWS's list prices/);
  expect(prices.storagePerGiBMonth('eu-west-1')).toBe(0.051);
  expect(prices.transferPerGiB('eu-west-1', 'us-east-1')).toBe(0.02);
  expect(prices.instancePerHour('t3.micro', 'eu-west-1')).toBe(0.0114);
  expect(prices.instancePerHour('m5.large', 'eu-west-1')).toBe(0.107);
  expect(await readFile(factory.prices.fetchedFile, 'utf8')).not.toContain('bos');
});

test('only machines on demand, with Linux and on shared hosts, are asked about', async () => {
  await fetchPrices(factory, 'prod');
  const machines = asked.find(({ Filters }) => Filters.some(({ Value }) => Value === 'Compute Instance'));
  const wanted = Object.fromEntries(machines?.Filters.map(({ Field, Value }) => [Field, Value]) ?? []);
  expect(wanted).toMatchObject({ regionCode: 'eu-west-1', operatingSystem: 'Linux', tenancy: 'Shared' });
});

test('a target that is not AWS has no price list, and is told where to write prices', async () => {
  await expect(fetchPrices(factory, 'local')).rejects.toThrow('prices.yaml');
});
