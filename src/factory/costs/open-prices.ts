/**
 * The price tables of a home. For a target counts what its owner wrote into `prices.yaml` for it, then what is written
 * there for all, then what was fetched from AWS, then the table that Ingot brings.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readYaml } from '../../platform/config-yaml.ts';
import { readIfPresent } from '../../platform/files.ts';
import type { Targets } from '../targets/target.ts';
import { type OwnPrices, ownPricesSchema, type PriceTable, priceTableSchema } from './price-table.ts';
import { type Prices, pricesFrom } from './prices.ts';

export interface PriceTables {
  /** Throws where there is no such target, and `DocumentError` with every mistake in `prices.yaml`. */
  of(target: string): Promise<Prices>;
  /** Where `fetchPrices` keeps what AWS said. */
  readonly fetchedFile: string;
}

export interface PricesOptions {
  /** Absolute: the home. */
  readonly directory: string;
  readonly targets: Pick<Targets, 'get'>;
}

export function openPrices({ directory, targets }: PricesOptions): PriceTables {
  const ownFile = join(directory, 'prices.yaml');
  const fetchedFile = join(directory, 'prices-aws.yaml');
  return {
    fetchedFile,
    async of(name) {
      const [{ kind }, own, fetched, shipped] = await Promise.all([
        targets.get(name),
        readIfPresent(ownFile),
        readIfPresent(fetchedFile),
        readFile(shippedFile, 'utf8'),
      ]);
      const ownPrices: OwnPrices = own === undefined ? {} : readYaml(own, ownFile, ownPricesSchema);
      const ofTarget = ownPrices.targets?.[name];
      const tables = [
        ofTarget,
        forAll(ownPrices),
        fetched === undefined ? undefined : readYaml(fetched, fetchedFile, priceTableSchema),
        readYaml(shipped, shippedFile, priceTableSchema),
      ].filter((table) => table !== undefined);
      return pricesFrom(tables, kind === 'aws' || ofTarget !== undefined);
    },
  };
}

const shippedFile = join(import.meta.dirname, 'prices.yaml');

function forAll({ source, date, regions }: OwnPrices): PriceTable | undefined {
  if (source === undefined || date === undefined || regions === undefined) return undefined;
  return { source, date, regions };
}
