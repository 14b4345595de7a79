/** The form of a price table: the shipped `prices.yaml`, the fetched one, and the one of a home's owner. */
import { z } from 'zod';

const dollars = z.number().min(0);

const regionPricesSchema = z.strictObject({
  storage_per_gib_month: dollars.optional().describe('Of the blocks that snapshots store.'),
  transfer_per_gib: dollars.optional().describe('To any region that `transfer_to` does not name.'),
  transfer_to: z.record(z.string(), dollars).optional(),
  instance_per_hour: z.record(z.string(), dollars).optional().describe('By instance type.'),
});

const tableShape = {
  source: z.string().min(1).describe('Where the prices come from, as people will read it.'),
  date: z.iso.date().describe('The day of which they are.'),
  regions: z
    .record(z.string(), regionPricesSchema)
    .describe(
      'By name; `any` counts for each region that is not named, and for each price that its entry lacks.',
    ),
};

export const priceTableSchema = z.strictObject(tableShape);

/** An owner's `prices.yaml`: for every target, and for single ones. */
export const ownPricesSchema = z
  .strictObject({
    ...z.object(tableShape).partial().shape,
    targets: z.record(z.string(), priceTableSchema).optional(),
  })
  .refine(
    ({ regions, source, date }) => regions === undefined || (source !== undefined && date !== undefined),
    { error: '`regions` need a `source` and a `date` beside them: figures say where they come from' },
  );

export type RegionPrices = z.output<typeof regionPricesSchema>;
export type PriceTable = z.output<typeof priceTableSchema>;
export type OwnPrices = z.output<typeof ownPricesSchema>;

export const anyRegion = 'any';
