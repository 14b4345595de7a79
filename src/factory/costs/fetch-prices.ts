/** AWS's own list prices, asked of its Pricing API and kept as a table of the home's. */
import type { Filter, Pricing } from '@aws-sdk/client-pricing';
import { stringify } from 'yaml';
import { writeDurably } from '../../platform/files.ts';
import { inBatches } from '../aws/in-batches.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { pricedInstances, pricedStorage, pricedTransfer } from './price-list.ts';
import type { PriceTable, RegionPrices } from './price-table.ts';

const atOnce = 4;

/** Of all regions of the target, which must be AWS. Answers what it kept. */
export async function fetchPrices(
  { targets, prices, now }: Pick<Factory, 'targets' | 'prices' | 'now'>,
  name: string,
): Promise<PriceTable> {
  const target = await targets.get(name);
  if (target.pricing === undefined) {
    throw new FactoryError(
      'invalid',
      `The target ${name} has no price list: AWS alone has one. Write its prices into prices.yaml`,
    );
  }
  const pricing = await target.pricing();
  const regions: Record<string, RegionPrices> = {};
  for (const batch of inBatches(target.regions, atOnce)) {
    const asked = await Promise.all(batch.map((region) => pricesOf(pricing, region)));
    for (const [index, region] of batch.entries()) regions[region] = asked[index] ?? {};
  }
  const table = { source: 'AWS price list', date: now().toISOString().slice(0, 10), regions };
  await writeDurably(prices.fetchedFile, stringify(table));
  return table;
}

async function pricesOf(pricing: Pricing, region: string): Promise<RegionPrices> {
  const [instances, storage, transfer] = await Promise.all([
    products(pricing, 'AmazonEC2', {
      regionCode: region,
      productFamily: 'Compute Instance',
      operatingSystem: 'Linux',
      tenancy: 'Shared',
      preInstalledSw: 'NA',
      capacitystatus: 'Used',
      marketoption: 'OnDemand',
    }),
    products(pricing, 'AmazonEC2', { regionCode: region, productFamily: 'Storage Snapshot' }),
    products(pricing, 'AWSDataTransfer', { fromRegionCode: region, transferType: 'InterRegion Outbound' }),
  ]);
  const perGiB = pricedStorage(storage);
  return {
    ...(perGiB === undefined ? {} : { storage_per_gib_month: perGiB }),
    transfer_to: pricedTransfer(transfer),
    instance_per_hour: pricedInstances(instances),
  };
}

/** Each product as the JSON text that AWS sends. */
async function products(
  client: Pricing,
  ServiceCode: string,
  wanted: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const { paginateGetProducts } = await import('@aws-sdk/client-pricing');
  const Filters = Object.entries(wanted).map(
    ([Field, Value]): Filter => ({ Type: 'TERM_MATCH', Field, Value }),
  );
  const found: string[] = [];
  const request = { ServiceCode, Filters, FormatVersion: 'aws_v1' };
  for await (const { PriceList = [] } of paginateGetProducts({ client, pageSize: 100 }, request)) {
    found.push(...PriceList.map(String));
  }
  return found;
}
