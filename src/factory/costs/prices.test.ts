import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Target, TargetKind } from '../targets/target.ts';
import { openPrices, type PriceTables } from './open-prices.ts';

let directory: string;
let prices: PriceTables;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-prices-'));
  const kinds: Readonly<Record<string, TargetKind>> = { local: 'local', prod: 'aws' };
  const get = async (name: string) => ({ name, kind: kinds[name] }) as Target;
  prices = openPrices({ directory, targets: { get } });
});
afterEach(() => rm(directory, { recursive: true }));

const own = (text: string) => writeFile(join(directory, 'prices.yaml'), text);

test('the table that is shipped has every default region, and says from when it is', async () => {
  const table = await prices.of('prod');
  expect(table.billed).toBe(true);
  expect(table.source).toBe(`about AWS's list prices (${table.date})`);
  for (const region of ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1']) {
    expect(table.isKnown(region)).toBe(true);
    expect(table.storagePerGiBMonth(region)).toBeGreaterThan(0);
    expect(table.instancePerHour('t3.micro', region)).toBeGreaterThan(0);
    expect(table.instancePerHour('t4g.micro', region)).toBeGreaterThan(0);
  }
  expect(table.transferPerGiB('us-east-1', 'us-east-2')).toBe(0.01);
  expect(table.transferPerGiB('us-east-1', 'eu-west-1')).toBe(0.02);
  expect(table.transferPerGiB('eu-west-1', 'eu-west-1')).toBe(0);
});

test('a region that no table has counts as us-east-1, and a type that none has has no price', async () => {
  const table = await prices.of('prod');
  expect(table.isKnown('mars-north-1')).toBe(false);
  expect(table.storagePerGiBMonth('mars-north-1')).toBe(table.storagePerGiBMonth('us-east-1'));
  expect(table.instancePerHour('x99.huge', 'us-east-1')).toBeUndefined();
});

test('the built-in cloud is priced as AWS and billed by nobody, until its owner sets prices', async () => {
  expect(await prices.of('local')).toMatchObject({ billed: false });
  await own(`
targets:
  local:
    source: Our own machines
    date: 2026-02-01
    regions:
      any: { storage_per_gib_month: 0.01, transfer_per_gib: 0, instance_per_hour: { t3.micro: 0.002 } }
`);
  const table = await prices.of('local');
  expect(table).toMatchObject({ billed: true, date: '2026-02-01' });
  expect(table.source).toMatch(/^Our own machines \(2026-02-01\), else about AWS's list prices/);
  expect(table.storagePerGiBMonth('us-west-1')).toBe(0.01);
  expect(table.transferPerGiB('us-east-1', 'eu-west-1')).toBe(0);
  expect(table.instancePerHour('t3.micro', 'eu-west-1')).toBe(0.002);
  // What it doesn't set stays as it was.
  expect(table.instancePerHour('t3.small', 'us-east-1')).toBe(0.0208);
  expect((await prices.of('prod')).storagePerGiBMonth('us-west-1')).toBe(0.055);
});

test('prices.yaml comes before what AWS said, and that before what is shipped', async () => {
  const table = (price: number) =>
    `source: Asked\ndate: 2026-01-01\nregions:\n  us-east-1: { storage_per_gib_month: ${price} }\n`;
  await writeFile(prices.fetchedFile, table(0.04));
  expect((await prices.of('prod')).storagePerGiBMonth('us-east-1')).toBe(0.04);
  await own(table(0.03));
  expect((await prices.of('prod')).storagePerGiBMonth('us-east-1')).toBe(0.03);
  expect((await prices.of('prod')).storagePerGiBMonth('us-east-2')).toBe(0.05);
});

test('a mistake in prices.yaml is told with its place', async () => {
  await own('regions:\n  us-east-1:\n    storage_per_gb_month: 0.03\n');
  await expect(prices.of('local')).rejects.toThrow(/prices\.yaml:3:5: .*storage_per_gb_month/);
});

test('prices without their source and date are refused: figures must say where they come from', async () => {
  await own('regions:\n  us-east-1: { storage_per_gib_month: 0.03 }\n');
  await expect(prices.of('local')).rejects.toThrow(/source/);
});
