/** What storage, transfer and machines cost on a target, in US dollars: the one table behind every figure of money. */
import type { Factory } from '../factory.ts';
import { anyRegion, type PriceTable, type RegionPrices } from './price-table.ts';

export interface Prices {
  /** Of the tables that count, in words, each with its day: 'AWS list prices (2026-05-01)'. */
  readonly source: string;
  /** 'YYYY-MM-DD': the day of the first of them. */
  readonly date: string;
  /** False on the built-in cloud unless its owner set prices: then they are what AWS would ask, and nobody does. */
  readonly billed: boolean;
  /** A region that no table has counts as `us-east-1`. */
  isKnown(region: string): boolean;
  /** Of a snapshot's stored blocks. */
  storagePerGiBMonth(region: string): number;
  /** Within a region: 0. */
  transferPerGiB(from: string, to: string): number;
  /** Undefined where no table has the type. */
  instancePerHour(type: string, region: string): number | undefined;
}

/** Read anew at each call: `prices.yaml` counts as soon as it is written. */
export async function priceTable(factory: Pick<Factory, 'prices'>, target: string): Promise<Prices> {
  return await factory.prices.of(target);
}

const standInRegion = 'us-east-1';

/** A price is the first that one of the tables has. */
export function pricesFrom(tables: readonly PriceTable[], billed: boolean): Prices {
  const find = (region: string, read: (prices: RegionPrices) => number | undefined) => {
    const names = isKnown(region) ? [region, anyRegion] : [anyRegion, standInRegion];
    for (const { regions } of tables) {
      for (const name of names) {
        const entry = regions[name];
        const price = entry === undefined ? undefined : read(entry);
        if (price !== undefined) return price;
      }
    }
    return undefined;
  };
  const isKnown = (region: string) => tables.some(({ regions }) => region in regions);
  return {
    source: tables.map(({ source, date }) => `${source} (${date})`).join(', else '),
    date: tables[0]?.date ?? '',
    billed,
    isKnown,
    storagePerGiBMonth: (region) => find(region, (entry) => entry.storage_per_gib_month) ?? 0,
    transferPerGiB: (from, to) =>
      from === to ? 0 : (find(from, (entry) => entry.transfer_to?.[to] ?? entry.transfer_per_gib) ?? 0),
    instancePerHour: (type, region) => find(region, (entry) => entry.instance_per_hour?.[type]),
  };
}
