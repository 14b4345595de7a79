/** What AWS's price list says of products: JSON texts, each with its attributes and its price on demand. */
import { z } from 'zod';

const productSchema = z.object({
  product: z.object({ attributes: z.record(z.string(), z.string()) }),
  terms: z.object({
    OnDemand: z
      .record(
        z.string(),
        z.object({
          priceDimensions: z.record(
            z.string(),
            z.object({ beginRange: z.string().optional(), pricePerUnit: z.record(z.string(), z.string()) }),
          ),
        }),
      )
      .optional(),
  }),
});

/** Local zones and edges have prices of their own. */
const region = 'AWS Region';

interface Product {
  readonly attributes: Readonly<Record<string, string>>;
  /** US dollars, of the first unit. */
  readonly price: number;
}

/** By instance type, dollars an hour. */
export function pricedInstances(texts: readonly string[]): Record<string, number> {
  const priced = productsOf(texts).filter(({ price }) => price > 0);
  return Object.fromEntries(priced.map(({ attributes, price }) => [attributes.instanceType ?? '', price]));
}

/** Dollars a GiB and month, in the standard tier. */
export function pricedStorage(texts: readonly string[]): number | undefined {
  return productsOf(texts).find(({ attributes }) =>
    /(^|-)EBS:SnapshotUsage$/.test(attributes.usagetype ?? ''),
  )?.price;
}

/** By the region that it goes to, dollars a GiB. */
export function pricedTransfer(texts: readonly string[]): Record<string, number> {
  const priced = productsOf(texts).filter(
    ({ attributes: { toLocationType = region, toRegionCode } }) =>
      toLocationType === region && toRegionCode !== undefined,
  );
  return Object.fromEntries(priced.map(({ attributes, price }) => [attributes.toRegionCode ?? '', price]));
}

function productsOf(texts: readonly string[]): readonly Product[] {
  return texts.flatMap((text) => {
    const { product, terms } = productSchema.parse(JSON.parse(text));
    const dimensions = Object.values(terms.OnDemand ?? {}).flatMap(({ priceDimensions }) =>
      Object.values(priceDimensions),
    );
    const first = dimensions.find(({ beginRange = '0' }) => beginRange === '0');
    const price = Number(first?.pricePerUnit.USD);
    return Number.isFinite(price) ? [{ attributes: product.attributes, price }] : [];
  });
}
