/** What an image costs: its snapshots by the month, and what making and copying it took once. */
import type { Prices } from './prices.ts';
import type { StoredSize } from './stored-size.ts';

export const bytesPerGiB = 1024 ** 3;

export interface ImageCost {
  readonly storedBytes: number;
  /** How the bytes were counted: see `StoredSize`. */
  readonly counted: StoredSize['counted'];
  /** US dollars, of one region. */
  readonly storagePerMonth: number;
}

export function imageCost(prices: Prices, region: string, stored: StoredSize): ImageCost {
  const { bytes, counted } = stored;
  const storagePerMonth = (bytes / bytesPerGiB) * prices.storagePerGiBMonth(region);
  return { storedBytes: bytes, counted, storagePerMonth };
}

export interface CreationWork {
  readonly region: string;
  /** What is sent to each other region. */
  readonly bytes: number;
  readonly copiedTo: readonly string[];
  /** Machines that ran only for it: a build's, a proof's. */
  readonly machines: readonly { readonly type: string; readonly region: string; readonly ms: number }[];
}

/** US dollars, once. Taking an image is free on EC2: its copies and the machines that it takes are not. */
export function creationCost(prices: Prices, { region, bytes, copiedTo, machines }: CreationWork): number {
  const perGiB = copiedTo.reduce((sum, to) => sum + prices.transferPerGiB(region, to), 0);
  const hours = machines.map(
    ({ type, region: at, ms }) => ((prices.instancePerHour(type, at) ?? 0) * ms) / 3_600_000,
  );
  return (bytes / bytesPerGiB) * perGiB + hours.reduce((sum, cost) => sum + cost, 0);
}
